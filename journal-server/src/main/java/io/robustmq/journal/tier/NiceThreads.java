package io.robustmq.journal.tier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes threads that leave the cores to others first, by a nice value (setpriority(2)), which Linux keeps for each thread. Java has no
 * call for it, so a thread has renice(1) say it of the thread when it begins. Where that cannot be done it runs as others do, which the log says once.
 */
public final class NiceThreads implements ThreadFactory {
    private static final Logger LOG = LoggerFactory.getLogger(NiceThreads.class);
    /** A link to {@code <process>/task/<thread>}, of whoever looks. */
    private static final Path SELF = Path.of("/proc/thread-self");

    private static final int RENICE_SECONDS_MAX = 5;
    private static final AtomicBoolean told = new AtomicBoolean();

    private final ThreadFactory threads;
    private final int nice;

    private NiceThreads(ThreadFactory threads, int nice) {
        this.threads = threads;
        this.nice = nice;
    }

    /**
     * Daemons, numbered.
     *
     * @param nice 0, as others, to 19, which take what nobody else wants
     */
    public static ThreadFactory named(String prefix, int nice) {
        ThreadFactory threads = NodeTier.named(prefix);
        return nice == 0 ? threads : new NiceThreads(threads, nice);
    }

    @Override
    public Thread newThread(Runnable task) {
        return threads.newThread(() -> {
            lower();
            task.run();
        });
    }

    /** Of the thread that calls. */
    private void lower() {
        Process renice = null;
        try {
            String thread = Files.readSymbolicLink(SELF).getFileName().toString();
            renice = new ProcessBuilder("renice", "-n", String.valueOf(nice), "-p", thread)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!renice.waitFor(RENICE_SECONDS_MAX, TimeUnit.SECONDS)) {
                tell("renice does not end");
            } else if (renice.exitValue() != 0) {
                tell("renice ends with " + renice.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UnsupportedOperationException e) {
            tell(e.toString());
        } finally {
            if (renice != null) {
                renice.destroyForcibly();
            }
        }
    }

    private void tell(String reason) {
        if (told.compareAndSet(false, true)) {
            LOG.info("nice={} action=run as other threads reason=\"{}\"", nice, reason);
        }
    }
}
