package io.robustmq.server.config;

/** The node cannot start as configured. The message is one sentence for the operator; there is no stack trace to read. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String sentence) {
        super(sentence, null, false, false);
    }
}
