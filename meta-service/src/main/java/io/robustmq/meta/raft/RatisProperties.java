package io.robustmq.meta.raft;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis' settings, with why each is not the default. Stateless. */
final class RatisProperties {
    private static final int RETRIES_PER_TIMEOUT = 8;

    private RatisProperties() {}

    static RaftProperties of(RaftSettings settings) {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(settings.directory().toFile()));
        log(properties, settings);
        snapshots(properties, settings);
        elections(properties, settings);
        threads(properties);
        GrpcConfigKeys.Server.setHost(properties, settings.bind());
        GrpcConfigKeys.Server.setPort(properties, settings.port());
        GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf("4MB"));
        return properties;
    }

    /** Forced to disk before it counts (the default; never async-flush or unsafe-flush), in small pieces. */
    private static void log(RaftProperties properties, RaftSettings settings) {
        SizeInBytes entryMax = SizeInBytes.valueOf(RaftSettings.ENTRY_BYTES_MAX);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, entryMax);
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf(2 * RaftSettings.ENTRY_BYTES_MAX));
        RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf(16 * RaftSettings.ENTRY_BYTES_MAX));
        RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(settings.segmentBytes()));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("64KB"));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("2MB"));
        // 1 ms between two appends to a follower is the default, RATIS-1886
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
        // What is still to be appended counts as there otherwise: a heartbeat behind it commits, and applies, what only
        // this node has in that place and is about to cut off.
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
        // an entry of its own for each commit otherwise
        RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.valueOf(5, TimeUnit.SECONDS));
    }

    private static void snapshots(RaftProperties properties, RaftSettings settings) {
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, settings.snapshotEntries());
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 1);
        // closing flushes the state, which serves the next start as well
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
    }

    private static void elections(RaftProperties properties, RaftSettings settings) {
        int timeoutMs = settings.electionTimeoutMs();
        // a follower that comes back hears of its leader before it would ask for votes; the default gets to 5 s, which
        // it then stands still
        RaftServerConfigKeys.Log.Appender.setRetryPolicy(
                properties, "1ms,10, " + Math.max(1, timeoutMs / RETRIES_PER_TIMEOUT) + "ms," + Integer.MAX_VALUE);
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, ms(timeoutMs));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, ms(2 * timeoutMs));
        if (settings.isAlone()) {
            // nobody to wait for
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, ms(1));
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, ms(5));
        }
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, ms(2 * timeoutMs));
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, true);
        // a stopped process (SIGSTOP, a suspended machine) goes on when it wakes; the default is to close after a
        // minute
        RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(3650, TimeUnit.DAYS));
    }

    /**
     * Pools that end idle threads. gRPC's event loops are those it shares between its users: they start with the first
     * connection, and closing does not wait seconds for their quiet period, as it would for loops of Ratis' own.
     */
    private static void threads(RaftProperties properties) {
        RaftServerConfigKeys.ThreadPool.setProxyCached(properties, true);
        RaftServerConfigKeys.ThreadPool.setServerCached(properties, true);
        RaftServerConfigKeys.ThreadPool.setClientCached(properties, true);
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolCached(properties, true);
    }

    private static TimeDuration ms(int value) {
        return TimeDuration.valueOf(value, TimeUnit.MILLISECONDS);
    }
}
