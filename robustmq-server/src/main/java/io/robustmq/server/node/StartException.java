package io.robustmq.server.node;

/** The node cannot start, for a reason outside this program. The message is one sentence for the operator. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String sentence) {
        super(sentence, null, false, false);
    }
}
