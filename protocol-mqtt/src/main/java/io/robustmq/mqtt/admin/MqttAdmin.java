package io.robustmq.mqtt.admin;

import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.core.delayed.DelayedMessage;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.deliver.SlowClient;
import io.robustmq.mqtt.trace.Trace;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The operators' calls; whoever passes them on has asked whether they may be made. Thread-safe, never blocks. */
public interface MqttAdmin {
    /** A page of what waits to be published later, and how much there is in all. */
    record DelayedPage(List<DelayedMessage> messages, int total) {
        public DelayedPage {
            messages = List.copyOf(messages);
        }
    }

    CompletableFuture<List<SessionInfo>> sessions(SessionInfo.Query query);

    /** Ends the client's connection; false when it has none. */
    CompletableFuture<Boolean> kick(String clientId);

    /** Ends the client's connection and its session; false when there is none. */
    CompletableFuture<Boolean> endSession(String clientId);

    /** Those that hold now, the newest first. */
    List<Ban> bans();

    /** Who is connected and banned now is disconnected. */
    CompletableFuture<BanEffect.Outcome> ban(Ban ban);

    CompletableFuture<BanEffect.Outcome> unban(Ban.Key key);

    /**
     * Writes down what passes on connections, of this client or all, about these topics or all, for so long. False when there are
     * as many traces as may be, or one of this name; throws IllegalArgumentException with a sentence for what cannot be traced.
     */
    boolean startTrace(String name, String clientId, String filter, long seconds);

    /** False when there is none. */
    boolean stopTrace(String name);

    List<Trace> traces();

    /** Who took long to acknowledge lately, the slowest first. */
    CompletableFuture<List<SlowClient>> slow();

    void forgetSlow();

    /** What waits after the message {@code afterId}, by time; from the first if that is empty. */
    CompletableFuture<DelayedPage> delayed(String afterId, int max);

    CompletableFuture<DelayEffect.Outcome> cancelDelayed(String id);
}
