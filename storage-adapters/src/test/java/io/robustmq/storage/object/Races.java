package io.robustmq.storage.object;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that do the same at once. */
public final class Races {
    private static final int ATTEMPTS_MAX = 100;

    /** What one of them does. */
    @FunctionalInterface
    public interface Racer {
        void run(int number) throws IOException;
    }

    private Races() {}

    /**
     * The numbers of those that succeeded; the others were told EXISTS, or that they may try again, as a store may that does
     * not know who wins yet, and were told EXISTS then. Any other failure is thrown.
     */
    public static List<Integer> run(int count, Racer racer) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        CyclicBarrier start = new CyclicBarrier(count);
        try {
            List<Future<Boolean>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                running.add(threads.submit(() -> {
                    start.await();
                    return succeeds(racer, number);
                }));
            }
            List<Integer> winners = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if (running.get(i).get()) {
                    winners.add(i);
                }
            }
            return winners;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean succeeds(Racer racer, int number) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                racer.run(number);
                return true;
            } catch (StoreException e) {
                if (e.kind() == Kind.EXISTS) {
                    return false;
                }
                if (e.kind() != Kind.RETRIABLE || attempt == ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }
}
