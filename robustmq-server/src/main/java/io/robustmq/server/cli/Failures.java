package io.robustmq.server.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Turns whatever a command ended with into one line for the person who typed it. */
final class Failures {
    private Failures() {}

    static String sentence(Throwable failure) {
        Throwable cause = failure;
        while (isWrapper(cause) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String line = text.lines().findFirst().orElse("");
        if (cause instanceof ConnectException) {
            return "cannot connect: " + line;
        }
        Throwable root = rootOf(cause);
        if (cause instanceof IOException && root != cause && root.getMessage() != null) {
            return line + ": " + root.getMessage();
        }
        if (cause.getClass().getName().equals("org.apache.kafka.common.errors.TimeoutException")) {
            return "no answer from the broker in time: " + line;
        }
        return line;
    }

    private static boolean isWrapper(Throwable failure) {
        return failure instanceof ExecutionException
                || failure instanceof CompletionException
                || failure instanceof UncheckedIOException;
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
