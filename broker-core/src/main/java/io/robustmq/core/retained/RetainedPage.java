package io.robustmq.core.retained;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of what a filter matches, in the order of topics.
 *
 * @param messages may be empty although more are to come
 * @param next where the following page starts; null if this was the last
 */
public record RetainedPage(
        List<RetainedMessage> messages, @Nullable String next) {
    public RetainedPage {
        messages = List.copyOf(messages);
    }

    public boolean isLast() {
        return next == null;
    }
}
