package io.robustmq.mqtt.server;

import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.mqtt.admin.MqttAdmin;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.deliver.SlowClient;
import io.robustmq.mqtt.trace.Trace;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The operators' calls to this node. Thread-safe. */
final class NodeAdmin implements MqttAdmin {
    private final MqttNode node;
    private final Listeners listeners;

    NodeAdmin(MqttNode node, Listeners listeners) {
        this.node = node;
        this.listeners = listeners;
    }

    @Override
    public CompletableFuture<List<SessionInfo>> sessions(SessionInfo.Query query) {
        return node.router.inspector().sessions(query);
    }

    @Override
    public CompletableFuture<Boolean> kick(String clientId) {
        return node.router.inspector().kick(clientId);
    }

    @Override
    public CompletableFuture<Boolean> endSession(String clientId) {
        return node.router.sessions().endByOperator(clientId);
    }

    @Override
    public List<Ban> bans() {
        long now = node.router.loop().nowMs();
        return node.bans.index().all().stream().filter(ban -> !ban.isOver(now)).toList();
    }

    @Override
    public CompletableFuture<BanEffect.Outcome> ban(Ban ban) {
        return node.bans.impose(ban);
    }

    @Override
    public CompletableFuture<BanEffect.Outcome> unban(Ban.Key key) {
        return node.bans.lift(key);
    }

    @Override
    public boolean startTrace(String name, String clientId, String filter, long seconds) {
        long until = node.router.loop().nowMs() + seconds * 1000;
        boolean isStarted = node.traces.start(new Trace(name, clientId, filter, until));
        listeners.traceWanted();
        return isStarted;
    }

    @Override
    public boolean stopTrace(String name) {
        boolean wasThere = node.traces.stop(name);
        listeners.traceWanted();
        return wasThere;
    }

    @Override
    public List<Trace> traces() {
        return node.traces.active();
    }

    @Override
    public CompletableFuture<List<SlowClient>> slow() {
        return node.router.slow().list();
    }

    @Override
    public void forgetSlow() {
        node.router.slow().clear();
    }

    @Override
    public CompletableFuture<DelayedPage> delayed(String afterId, int max) {
        return node.delayed.list(afterId, max);
    }

    @Override
    public CompletableFuture<DelayEffect.Outcome> cancelDelayed(String id) {
        return node.delayed.cancel(id);
    }
}
