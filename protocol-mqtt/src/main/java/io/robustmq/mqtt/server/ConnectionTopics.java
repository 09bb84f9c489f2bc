package io.robustmq.mqtt.server;

import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.trace.TraceHandler;

/** The topics that stand behind one connection's aliases, for traces. Owned by its loop. */
record ConnectionTopics(boolean isV5, PublishHandler publishing, Outbound outbound) implements TraceHandler.Aliases {
    @Override
    public String received(int alias) {
        return publishing.topicOf(alias);
    }

    @Override
    public String sent(int alias) {
        return outbound.topicOf(alias);
    }
}
