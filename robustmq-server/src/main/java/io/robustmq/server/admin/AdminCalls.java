package io.robustmq.server.admin;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Answers requests below one path, some of which change something. Thread-safe; the answer may come later, in any thread. */
public interface AdminCalls {
    /**
     * A request that its user may make.
     *
     * @param path what follows the path of these calls, decoded
     * @param parameters of the query
     * @param user who makes it
     */
    record Call(HttpMethod method, String path, Map<String, List<String>> parameters, String user) {
        /** The first value; the default where there is none. */
        String text(String name, String otherwise) {
            List<String> values = parameters.get(name);
            return values == null || values.isEmpty() ? otherwise : values.get(0);
        }

        /** Throws IllegalArgumentException with a sentence for what is no number within the bounds. */
        long number(String name, long otherwise, long min, long max) {
            String text = text(name, Long.toString(otherwise));
            if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) < min || Long.parseLong(text) > max) {
                throw new IllegalArgumentException(name + " is a number from " + min + " to " + max);
            }
            return Long.parseLong(text);
        }
    }

    /** Throws IllegalArgumentException with a sentence when the call makes no sense. */
    CompletableFuture<Answer> answer(Call call);
}
