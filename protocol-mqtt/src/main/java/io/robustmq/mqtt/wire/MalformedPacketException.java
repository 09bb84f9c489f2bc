package io.robustmq.mqtt.wire;

import io.netty.handler.codec.DecoderException;

/** A client sent what no client may send; the connection ends. Without stack trace: the fault is not in this process. */
public final class MalformedPacketException extends DecoderException {
    private static final long serialVersionUID = 1;

    private final transient Refusal refusal;

    public MalformedPacketException(byte reasonCode, String sentence) {
        super(sentence);
        this.refusal = new Refusal(reasonCode, sentence);
    }

    static MalformedPacketException malformed(String sentence) {
        return new MalformedPacketException(Refusal.MALFORMED_PACKET, sentence);
    }

    static MalformedPacketException protocolError(String sentence) {
        return new MalformedPacketException(Refusal.PROTOCOL_ERROR, sentence);
    }

    public Refusal refusal() {
        return refusal;
    }

    public byte reasonCode() {
        return refusal.reasonCode();
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    /** Why a packet that could not be decoded is refused. */
    public static Refusal refusal(Throwable cause) {
        Throwable deepest = cause.getCause() instanceof MalformedPacketException inner ? inner : cause;
        return deepest instanceof MalformedPacketException refused
                ? refused.refusal()
                : new Refusal(Refusal.MALFORMED_PACKET, String.valueOf(cause.getMessage()));
    }
}
