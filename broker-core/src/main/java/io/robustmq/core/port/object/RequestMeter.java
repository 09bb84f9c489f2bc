package io.robustmq.core.port.object;

/** Hears of every request that goes to a store, whether it succeeds or not. Any thread. */
@FunctionalInterface
public interface RequestMeter {
    /** Counts nothing. */
    RequestMeter NONE = (kind, bytes) -> {};

    /** One request with so many {@code bytes} of content, sent or asked for. */
    void request(RequestKind kind, long bytes);
}
