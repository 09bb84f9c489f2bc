package io.robustmq.mqtt.server;

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

    SharedMetaLog(InMemoryMetaLog metaLog) {
        this.metaLog = metaLog;
    }

    @Override
    public synchronized MetaImage image() {
        return metaLog.image();
    }

    @Override
    public synchronized CompletableFuture<MetaReply> submit(MetaCommand command) {
        return metaLog.submit(command);
    }

    synchronized void securityChanged() {
        metaLog.securityChanged();
    }

    @Override
    public synchronized Cancellable subscribe(MetaListener listener) {
        return metaLog.subscribe(listener);
    }
}
