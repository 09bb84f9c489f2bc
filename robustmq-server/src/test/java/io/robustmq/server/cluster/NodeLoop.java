package io.robustmq.server.cluster;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import java.util.ArrayDeque;

/** A loop of a node's process, of which nothing is left when that ends. Its turns are events of the world. */
final class NodeLoop implements Loop {
    private final World world;
    private final SimNode node;
    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private boolean scheduled;
    private boolean running;
    private boolean dead;

    NodeLoop(World world, SimNode node) {
        this.world = world;
        this.node = node;
    }

    void end() {
        dead = true;
        ready.clear();
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public void execute(Runnable task) {
        if (dead) {
            return;
        }
        ready.add(task);
        if (!scheduled) {
            scheduled = true;
            world.later(world.random.nextInt(2), this::turn);
        }
    }

    /** What the tasks bring comes in the next turn. */
    private void turn() {
        if (dead) {
            return;
        }
        if (node.isStopped()) {
            world.later(node.stoppedForMs(), this::turn);
            return;
        }
        int count = ready.size();
        running = true;
        try {
            for (int i = 0; i < count && !dead; i++) {
                ready.remove().run();
            }
        } finally {
            running = false;
        }
        scheduled = !ready.isEmpty();
        if (scheduled) {
            world.later(world.random.nextInt(2), this::turn);
        }
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
        boolean[] cancelled = {false};
        world.later(Math.max(0, delayMs), () -> {
            if (!cancelled[0]) {
                execute(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                });
            }
        });
        return () -> cancelled[0] = true;
    }

    @Override
    public long nowMs() {
        return world.wallMs();
    }

    @Override
    public long nanoTime() {
        return world.now * 1_000_000;
    }
}
