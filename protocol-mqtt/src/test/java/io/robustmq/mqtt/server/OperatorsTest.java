package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.deliver.SlowClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators see, and whom they keep away. */
@Timeout(60)
@SuppressWarnings("try") // clients that are only there
class OperatorsTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of(
                "mqtt.flapping.leaves.max", "3",
                "mqtt.rate.client.messages", "50",
                "mqtt.slow.threshold.ms", "20",
                "mqtt.sys.interval.seconds", "0"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private List<SessionInfo> sessions(String clientId, String after, int max, boolean connected, boolean slowest)
            throws Exception {
        return get(broker.admin().sessions(new SessionInfo.Query(clientId, after, max, connected, slowest)));
    }

    private static Ban ban(Ban.Kind kind, String value) {
        return new Ban(kind, value, "a test", "User:root", 1, Ban.FOR_EVER);
    }

    @Test
    void sessionsAreListedInPagesWithWhatTheyAreBehindWith() throws Exception {
        try (RawClient slow = client();
                RawClient here = client().connect("here");
                RawClient publisher = client().connect("publisher")) {
            slow.resume("slow");
            slow.subscribe("q/#", 1);
            for (int id = 1; id <= 3; id++) {
                publisher.publish(2, "q/a", id, "x").packet();
                slow.received();
            }
            try (RawClient away = client()) {
                away.resume("away");
                away.subscribe("$share/g/x", 2);
                away.send(0xE0, 0).packet();
            }
            assertThat(sessions("", "", 2, false, false))
                    .extracting(SessionInfo::clientId)
                    .startsWith("away", "here");
            assertThat(sessions("", "here", 5, true, false))
                    .extracting(SessionInfo::clientId)
                    .containsExactly("publisher", "slow");
            SessionInfo worst = sessions("", "", 1, false, true).get(0);
            assertThat(worst.clientId()).isEqualTo("slow");
            assertThat(worst.inFlight()).isEqualTo(3);
            assertThat(worst.link().address()).isEqualTo("127.0.0.1");
            assertThat(worst.link().version()).isEqualTo(5);
            assertThat(worst.subscriptions())
                    .containsExactly(new SessionInfo.SubscriptionInfo("q/#", 1, false, false, 0));
            SessionInfo away = sessions("away", "", 1, false, false).get(0);
            assertThat(away.link().connected()).isFalse();
            assertThat(away.persistent()).isTrue();
            assertThat(away.subscriptions().get(0).filter()).isEqualTo("$share/g/x");
            assertThat(here.isQuiet()).isTrue();
        }
    }

    @Test
    void aClientIsDisconnectedAndItsSessionEnded() throws Exception {
        try (RawClient client = client()) {
            client.resume("client");
            assertThat(get(broker.admin().kick("client"))).isTrue();
            assertThat(client.packet()).startsWith(0xE0).contains(0x98);
            assertThat(get(broker.admin().kick("nobody"))).isFalse();
        }
        try (RawClient client = client()) {
            assertThat(client.resume("client")).isTrue();
            assertThat(get(broker.admin().endSession("client"))).isTrue();
            assertThat(client.packet()).contains(0x98);
        }
        try (RawClient client = client()) {
            assertThat(client.resume("client")).isFalse();
        }
        assertThat(get(broker.admin().endSession("nobody"))).isFalse();
    }

    @Test
    void whoIsBannedIsDisconnectedAndStaysAwayAlsoAfterACrash() throws Exception {
        try (RawClient client = client().connect("bad")) {
            assertThat(get(broker.admin().ban(ban(Ban.Kind.CLIENT, "bad")))).isEqualTo(BanEffect.Outcome.DONE);
            assertThat(client.packet()).contains(0x8A);
        }
        broker.crashAndRestart();
        try (RawClient again = client();
                RawClient old = client();
                RawClient other = client().connect("other")) {
            assertThat(again.connack(2, RawClient.NO_PROPERTIES, new byte[] {0, 3, 'b', 'a', 'd'})[3])
                    .isEqualTo((byte) 0x8A);
            assertThat(old.connect3("bad", 2)).containsExactly(0x20, 2, 0, 5);
            assertThat(other.isQuiet()).isTrue();
        }
        assertThat(broker.admin().bans()).hasSize(1);
        assertThat(get(broker.admin().unban(new Ban.Key(Ban.Kind.CLIENT, "bad"))))
                .isEqualTo(BanEffect.Outcome.DONE);
        try (RawClient again = client().connect("bad")) {
            assertThat(get(broker.admin().ban(ban(Ban.Kind.ADDRESS, "127.0.0.0/8"))))
                    .isEqualTo(BanEffect.Outcome.DONE);
            assertThat(again.packet()).contains(0x8A);
        }
        try (RawClient refused = client()) {
            refused.send(0xC0, 0);
            assertThat(refused.packet()).isEmpty();
        } catch (java.net.SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void whoComesAndGoesAllTheTimeIsBanned() throws Exception {
        for (int i = 0; i < 4; i++) {
            try (RawClient flapping = client().connect("flapping")) {
                flapping.send(0xE0, 0).packet();
            }
        }
        while (broker.admin().bans().isEmpty()) {
            // Becomes known in its time.
            Thread.onSpinWait();
        }
        Ban ban = broker.admin().bans().get(0);
        assertThat(ban.value()).isEqualTo("flapping");
        assertThat(ban.untilMs() - ban.atMs()).isEqualTo(300_000);
    }

    @Test
    void whoSendsMoreThanItMayIsReadLater() throws Exception {
        try (RawClient fast = client().connect("fast")) {
            for (int i = 0; i < 75; i++) {
                fast.publish(2, "fast", i + 1, "x");
            }
            for (int i = 0; i < 75; i++) {
                fast.packet();
            }
            assertThat(fast.isQuiet()).isTrue();
            assertThat(broker.count("robustmq.mqtt.connections.slowed")).isPositive();
        }
    }

    @Test
    void delayedMessagesAreListedAndCancelled() throws Exception {
        try (RawClient publisher = client().connect("publisher")) {
            publisher.publish(2, "$delayed/600/a", 1, "x").packet();
            publisher.publish(2, "$delayed/300/b", 2, "y").packet();
        }
        var page = get(broker.admin().delayed("", 1));
        assertThat(page.total()).isEqualTo(2);
        assertThat(page.messages().get(0).message().topic()).isEqualTo("b");
        String id = page.messages().get(0).id();
        assertThat(get(broker.admin().cancelDelayed(id))).isEqualTo(DelayEffect.Outcome.DONE);
        assertThat(get(broker.admin().cancelDelayed(id))).isEqualTo(DelayEffect.Outcome.NOT_WAITING);
        assertThat(get(broker.admin().delayed("", 10)).messages()).hasSize(1);
    }

    @Test
    void whoTakesLongToAcknowledgeIsListed() throws Exception {
        try (RawClient slow = client().connect("slow");
                RawClient quick = client().connect("quick");
                RawClient publisher = client().connect("publisher")) {
            slow.subscribe("q/a", 1);
            quick.subscribe("other", 1);
            publisher.publish(2, "q/a", 1, "x").packet();
            int id = slow.received().packetId();
            long until = System.nanoTime() + 30_000_000;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            assertThat(slow.ack(PacketWriter.PUBACK, id).isQuiet()).isTrue();
            SlowClient listed = get(broker.admin().slow()).get(0);
            assertThat(listed.clientId()).isEqualTo("slow");
            assertThat(listed.topic()).isEqualTo("q");
            assertThat(listed.worstMs()).isGreaterThanOrEqualTo(20);
            broker.admin().forgetSlow();
            assertThat(get(broker.admin().slow())).isEmpty();
        }
    }
}
