package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.loop.SimLoop;
import java.util.List;

/** The loop of one simulated node: what it still has to do when the node is killed is never done. */
final class GatedLoop implements Loop, LoopGroup {
    private final SimLoop loop;
    private boolean dead;

    GatedLoop(SimLoop loop) {
        this.loop = loop;
    }

    void kill() {
        dead = true;
    }

    boolean isDead() {
        return dead;
    }

    private Runnable gated(Runnable task) {
        return () -> {
            if (!dead) {
                task.run();
            }
        };
    }

    @Override
    public void run(Runnable task) {
        loop.run(gated(task));
    }

    @Override
    public boolean inLoop() {
        return loop.inLoop();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(gated(task));
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        return loop.schedule(delayMs, gated(task));
    }

    @Override
    public long nowMs() {
        return loop.nowMs();
    }

    @Override
    public long nanoTime() {
        return loop.nanoTime();
    }

    @Override
    public List<Loop> loops() {
        return List.of(this);
    }
}
