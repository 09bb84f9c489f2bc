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
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the object store that the configuration names. Stateless. */
public final class TierStore {
    private static final Logger LOG = LoggerFactory.getLogger(TierStore.class);

    private TierStore() {}

    /**
     * With retries. It is tried: a store that lacks what is needed keeps a node from starting, one that is away does not.
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
        try {
            store.check();
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.RETRIABLE) {
                throw e;
            }
            LOG.warn("object store={} action=start without it reason=\"{}\"", kind, e.getMessage());
        }
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
