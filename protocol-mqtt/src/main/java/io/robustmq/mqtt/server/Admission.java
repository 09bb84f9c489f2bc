package io.robustmq.mqtt.server;

import io.robustmq.core.ban.Ban;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import io.robustmq.mqtt.limits.Paces;
import io.robustmq.mqtt.limits.RateLimits;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What keeps one client away, and what slows it: bans and rate limits. Owned by the connection's loop. */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private final MqttNode node;
    private final Loop loop;
    private final Intake intake;
    private final String address;
    private final RateLimits limits;
    private Cancellable timer = Cancellable.NOTHING;
    /** Whose pace is shared; null for nobody's. */
    private @Nullable String user;

    Admission(MqttNode node, Loop loop, Intake intake, String address, @Nullable Paces listener) {
        this.node = node;
        this.loop = loop;
        this.intake = intake;
        this.address = address;
        this.limits = new RateLimits(node.config.operations().limits().client(), listener, loop.nanoTime());
    }

    /** What keeps the client away now. */
    Optional<Ban> banned(String clientId, Principal who) {
        Optional<Ban> ban = node.bans.index().find(clientId, nameOf(who), address, loop.nowMs());
        ban.ifPresent(found -> {
            node.metrics.refused();
            LOG.info("client={} user={} address={} banned: {}", clientId, who.name(), address, found.key());
        });
        return ban;
    }

    /** Empty for who has not said who it is. */
    @SuppressWarnings("ReferenceEquality") // a user may well be called ANONYMOUS
    private static String nameOf(Principal who) {
        return who == Principal.ANONYMOUS ? "" : who.name();
    }

    /** The client is connected. */
    void joined(Principal who) {
        String name = nameOf(who);
        Paces shared = name.isEmpty() ? null : node.userPaces.join(name, loop.nanoTime());
        user = shared == null ? null : name;
        limits.user(shared);
    }

    void left() {
        timer.cancel();
        if (user != null) {
            node.userPaces.leave(user);
            user = null;
        }
    }

    /** A message came: nothing more is read until that is within the limits. */
    void took(int bytes) {
        long waitMs = limits.isUnlimited() ? 0 : limits.take(bytes, loop.nanoTime());
        if (waitMs > 0) {
            node.metrics.slowed();
            intake.pause(Intake.Pause.RATE);
            timer.cancel();
            timer = loop.schedule(waitMs, () -> intake.resume(Intake.Pause.RATE));
        }
    }
}
