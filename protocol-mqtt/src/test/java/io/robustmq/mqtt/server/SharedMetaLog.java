package io.robustmq.mqtt.server;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.port.MetaLog;
import java.util.concurrent.CompletableFuture;

/** The in-memory meta log for several loops: one call at a time. */
final class SharedMetaLog implements MetaLog {
    private final InMemoryMetaLog metaLog;
    private int leaderless;

    SharedMetaLog(InMemoryMetaLog metaLog) {
        this.metaLog = metaLog;
    }

    @Override
    public synchronized MetaImage image() {
        return metaLog.image();
    }

    @Override
    public synchronized CompletableFuture<MetaReply> submit(MetaCommand command) {
        if (leaderless > 0) {
            leaderless--;
            return CompletableFuture.failedFuture(new BrokerException(BrokerError.NOT_META_LEADER));
        }
        return metaLog.submit(command);
    }

    /** The next commands find no leader. */
    synchronized void failNext(int commands) {
        leaderless = commands;
    }

    synchronized void securityChanged() {
        metaLog.securityChanged();
    }

    @Override
    public synchronized Cancellable subscribe(MetaListener listener) {
        return metaLog.subscribe(listener);
    }
}
