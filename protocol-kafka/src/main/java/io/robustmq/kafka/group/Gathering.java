package io.robustmq.kafka.group;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits for all parts of a request and passes them on in their order. Owned by the connection's loop. */
public final class Gathering<T> {
    private final List<@Nullable T> parts;
    private final Consumer<List<T>> finish;
    private int missing;

    public Gathering(int count, Consumer<List<T>> finish) {
        this.parts = new ArrayList<>(Collections.nCopies(count, null));
        this.finish = finish;
        this.missing = count;
        if (count == 0) {
            finish.accept(List.of());
        }
    }

    public Consumer<T> part(int index) {
        return value -> put(index, value);
    }

    void put(int index, T value) {
        if (parts.set(index, value) != null) {
            throw new AssertionError("part " + index + " was there before");
        }
        missing--;
        if (missing == 0) {
            List<T> all = new ArrayList<>(parts.size());
            for (T part : parts) {
                if (part != null) {
                    all.add(part);
                }
            }
            finish.accept(all);
        }
    }
}
