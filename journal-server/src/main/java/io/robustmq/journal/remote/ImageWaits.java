package io.robustmq.journal.remote;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Those who wait until the metadata says something. Thread-safe. */
final class ImageWaits {
    private final Supplier<MetaImage> image;
    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();

    private static final class Wait {
        final Predicate<MetaImage> isSaid;
        final Runnable task;
        final Loop loop;

        Wait(Predicate<MetaImage> isSaid, Loop loop, Runnable task) {
            this.isSaid = isSaid;
            this.loop = loop;
            this.task = task;
        }
    }

    /** @param image the newest, at least as new as what {@link #onImage} was told last */
    ImageWaits(Supplier<MetaImage> image) {
        this.image = image;
    }

    /**
     * {@code task} runs once, in {@code loop}, when an image says it, which the present one may.
     *
     * @return nothing is waited for any longer; the task may be under way
     */
    Cancellable until(Predicate<MetaImage> isSaid, Loop loop, Runnable task) {
        Wait wait = new Wait(isSaid, loop, task);
        waits.add(wait);
        look(wait, image.get());
        return () -> waits.remove(wait);
    }

    /** {@code reply} runs once, in {@code loop}: whether an image has said it within {@code patienceMs}. */
    void until(Predicate<MetaImage> isSaid, long patienceMs, Loop loop, Consumer<Boolean> reply) {
        loop.run(() -> {
            AtomicBoolean isReplied = new AtomicBoolean();
            List<Cancellable> others = new ArrayList<>(2);
            others.add(loop.schedule(patienceMs, () -> once(isReplied, others, () -> reply.accept(false))));
            others.add(until(isSaid, loop, () -> once(isReplied, others, () -> reply.accept(true))));
        });
    }

    private static void once(AtomicBoolean isReplied, List<Cancellable> others, Runnable reply) {
        if (isReplied.compareAndSet(false, true)) {
            others.forEach(Cancellable::cancel);
            reply.run();
        }
    }

    void onImage(MetaImage now) {
        waits.forEach(wait -> look(wait, now));
    }

    private void look(Wait wait, MetaImage now) {
        if (wait.isSaid.test(now) && waits.remove(wait)) {
            wait.loop.execute(wait.task);
        }
    }
}
