package io.robustmq.server.cli;

/** A command cannot do what was asked. The message is what the person reads. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String sentence) {
        super(sentence, null, false, false);
    }
}
