package io.robustmq.core.ban;

/**
 * One client id, user or range of addresses that may not connect. Immutable.
 *
 * @param value for addresses in the form that {@link AddressRange#toString} gives
 * @param by who banned it
 * @param untilMs {@link #FOR_EVER}, or when it ends by itself
 */
public record Ban(Kind kind, String value, String reason, String by, long atMs, long untilMs) {
    public static final long FOR_EVER = Long.MAX_VALUE;

    /** What the value names. */
    public enum Kind {
        CLIENT('C', "client"),
        USER('U', "user"),
        ADDRESS('A', "address");

        private final char letter;
        private final String label;

        Kind(char letter, String label) {
            this.letter = letter;
            this.label = label;
        }

        char letter() {
            return letter;
        }

        public String label() {
            return label;
        }

        /** Throws IllegalArgumentException for what is none. */
        public static Kind of(String label) {
            for (Kind kind : values()) {
                if (kind.label.equals(label)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("what is banned is a client, a user or an address, not: " + label);
        }

        static Kind of(byte letter) {
            for (Kind kind : values()) {
                if (kind.letter == letter) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("a ban of kind " + letter);
        }
    }

    public boolean isOver(long nowMs) {
        return nowMs >= untilMs;
    }

    /** What another ban must have in common to take the place of this one. */
    public Key key() {
        return new Key(kind, value);
    }

    /** Names a ban. */
    public record Key(Kind kind, String value) {}
}
