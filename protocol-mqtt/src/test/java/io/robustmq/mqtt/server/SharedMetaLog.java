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
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The in-memory meta log for several loops: one call at a time. */
final class SharedMetaLog implements MetaLog {
    private final InMemoryMetaLog metaLog;
    private final Map<String, CompletableFuture<MetaReply>> answeredLater = new HashMap<>();
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
        CompletableFuture<MetaReply> later =
                command instanceof MetaCommand.CreateTopic c ? answeredLater.remove(c.name()) : null;
        return later == null ? metaLog.submit(command) : later;
    }

    /** The next try to create the topic gets this answer, which the test gives. */
    synchronized CompletableFuture<MetaReply> answerLater(String topic) {
        CompletableFuture<MetaReply> answer = new CompletableFuture<>();
        answeredLater.put(topic, answer);
        return answer;
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
