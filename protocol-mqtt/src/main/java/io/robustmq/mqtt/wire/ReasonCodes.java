package io.robustmq.mqtt.wire;

/** The reason codes that a client may send in a packet. */
enum ReasonCodes {
    /** Also of PUBREC. */
    PUBACK(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99),
    /** Also of PUBCOMP. */
    PUBREL(0x00, 0x92),
    DISCONNECT(0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99),
    /** Success is the server's to say. */
    AUTH(0x18, 0x19);

    private static final int FAILURE = 0x80;

    private final long successes;
    private final long failures;

    ReasonCodes(int... codes) {
        long low = 0;
        long high = 0;
        for (int code : codes) {
            if (code < FAILURE) {
                low |= 1L << code;
            } else {
                high |= 1L << (code - FAILURE);
            }
        }
        this.successes = low;
        this.failures = high;
    }

    void check(int code) {
        if (!knows(code)) {
            throw MalformedPacketException.protocolError(
                    "a client sends no " + name() + " with reason code " + code + " (section 2.4)");
        }
    }

    private boolean knows(int code) {
        long codes = code < FAILURE ? successes : failures;
        int index = code & 0x7F;
        return index < Long.SIZE && ((codes >>> index) & 1) != 0;
    }
}
