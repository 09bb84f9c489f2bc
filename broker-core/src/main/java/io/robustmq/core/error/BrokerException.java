package io.robustmq.core.error;

/** An expected refusal crossing a port. Carries no stack trace: it is an answer, not a fault. */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final BrokerError error;

    public BrokerException(BrokerError error) {
        this(error, error.text());
    }

    public BrokerException(BrokerError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    public BrokerError error() {
        return error;
    }
}
