package io.robustmq.server.store;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStoreProvider;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.storage.directory.DirectoryObjectStore;
import io.robustmq.storage.plugin.PluginLoader;
import io.robustmq.storage.retry.RetryClock;
import io.robustmq.storage.retry.RetryPolicy;
import io.robustmq.storage.retry.RetryingObjectStore;
import io.robustmq.storage.s3.S3ObjectStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the object store that the configuration names. Stateless. */
public final class TierStore {
    private static final Logger LOG = LoggerFactory.getLogger(TierStore.class);

    /** A store that takes longer to answer is no reason to wait: the node would be missed elsewhere. */
    private static final long CHECK_SECONDS_MAX = 10;

    private TierStore() {}

    /**
     * With retries. It is tried: a store that lacks what is needed keeps a node from starting, one that is away, or slow, does not.
     *
     * @throws IllegalArgumentException for settings that are missing or contradict each other
     */
    public static RetryingObjectStore open(Configuration values, RequestMeter meter) throws IOException {
        String kind = values.get(TierConfig.STORE);
        RetryingObjectStore store =
                new RetryingObjectStore(kind, bare(kind, values, meter), RetryPolicy.DEFAULT, RetryClock.SYSTEM);
        try {
            check(kind, store);
            return store;
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static void check(String kind, ObjectStore store) throws IOException {
        FutureTask<Boolean> check = new FutureTask<>(() -> {
            store.check();
            return true;
        });
        Thread thread = new Thread(() -> checkToTheEnd(kind, check), "object-store-check");
        thread.setDaemon(true);
        thread.start();
        try {
            boolean unused = check.get(CHECK_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            refuse(kind, e.getCause());
        } catch (TimeoutException e) {
            LOG.warn("object store={} action=start without it reason=\"it takes long to answer\"", kind);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("while the object store was tried");
        }
    }

    /** Nobody waits any longer for what comes late. */
    private static void checkToTheEnd(String kind, FutureTask<Boolean> check) {
        long began = System.nanoTime();
        check.run();
        if (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(CHECK_SECONDS_MAX)) {
            return;
        }
        try {
            LOG.info("object store={} is as it should be: {}", kind, check.get());
        } catch (ExecutionException e) {
            LOG.error("object store={} lacks something, or does not answer", kind, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refuse(String kind, @Nullable Throwable cause) throws IOException {
        if (cause instanceof StoreException known && known.kind() == StoreException.Kind.RETRIABLE) {
            LOG.warn("object store={} action=start without it reason=\"{}\"", kind, known.getMessage());
            return;
        }
        if (cause instanceof IOException failure) {
            throw failure;
        }
        throw new IOException("the object store cannot be tried", cause);
    }

    private static ObjectStore bare(String kind, Configuration values, RequestMeter meter) throws IOException {
        return switch (kind) {
            case "directory" -> {
                String path = values.get(ObjectStoreKeys.DIRECTORY_PATH);
                if (path.isEmpty()) {
                    throw new IllegalArgumentException(ObjectStoreKeys.DIRECTORY_PATH.name() + " is needed");
                }
                yield new DirectoryObjectStore(Path.of(path), meter);
            }
            case "s3" -> new S3ObjectStore(ObjectStoreKeys.s3(values), meter);
            case "hdfs" -> {
                Path directory = Path.of(values.get(ObjectStoreKeys.HDFS_PLUGIN));
                ObjectStoreProvider provider = PluginLoader.find(kind, directory)
                        .orElseThrow(() -> new IllegalArgumentException(
                                ObjectStoreKeys.HDFS_PLUGIN.name() + "=" + directory + " has no plug-in for hdfs"));
                yield provider.open(ObjectStoreKeys.hdfs(values), meter);
            }
            default -> throw new AssertionError(kind);
        };
    }
}
