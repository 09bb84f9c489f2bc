package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.mqtt.SlowConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The clients that took longest, over all loops: each loop keeps its own. Thread-safe. */
public final class SlowSubscribers {
    private static final Comparator<SlowClient> SLOWEST =
            Comparator.comparingLong(SlowClient::worstMs).reversed().thenComparing(SlowClient::clientId);

    private final List<Loop> loops;
    private final SlowConfig config;
    private final List<SlowTop> tops;

    SlowSubscribers(List<Loop> loops, SlowConfig config) {
        this.loops = loops;
        this.config = config;
        this.tops = loops.stream()
                .map(loop -> new SlowTop(config.countMax(), config.seconds() * 1000L))
                .toList();
    }

    /** For a connection of the loop with this index; null when nobody asks. */
    @Nullable
    AckTimes watch(String clientId, int loopIndex, long nowMs) {
        return config.thresholdMs() == 0
                ? null
                : new AckTimes(tops.get(loopIndex), clientId, config.thresholdMs(), nowMs);
    }

    /** The slowest first. */
    public CompletableFuture<List<SlowClient>> list() {
        List<CompletableFuture<List<SlowClient>>> parts = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            Loop loop = loops.get(i);
            SlowTop top = tops.get(i);
            CompletableFuture<List<SlowClient>> part = new CompletableFuture<>();
            loop.run(() -> part.complete(top.list(loop.nowMs())));
            parts.add(part);
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenApply(all -> parts.stream()
                .flatMap(part -> part.join().stream())
                .sorted(SLOWEST)
                .limit(config.countMax())
                .toList());
    }

    public void clear() {
        for (int i = 0; i < loops.size(); i++) {
            loops.get(i).run(tops.get(i)::clear);
        }
    }
}
