package io.robustmq.core.loop;

/** Something waiting to run. Cancelling twice, or after it ran, does nothing. */
@FunctionalInterface
public interface Cancellable {
    Cancellable NOTHING = () -> {};

    void cancel();
}
