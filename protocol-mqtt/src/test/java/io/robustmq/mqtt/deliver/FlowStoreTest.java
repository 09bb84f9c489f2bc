package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionCommand.ChangeFlows;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.SlowConfig;
import io.robustmq.mqtt.codec.Outbound;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connected session whose commands the test answers, in the place of a coordinator. */
class FlowStoreTest {
    private static final Partition ORDERS = new Partition(new TopicId(1, 1), 0);
    private static final int LONG_MS = 5_000;

    private final SimLoop loop = new SimLoop();
    private final SessionStorage storage = new SessionStorage(loop);
    private final Queue<SessionCommand> submitted = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private Session session;

    @BeforeEach
    void connect() {
        Router.Setup setup = new Router.Setup(
                new InMemoryJournal(1),
                new TopicMapping(List.of(), topic -> true),
                topic -> true,
                UnpooledByteBufAllocator.DEFAULT,
                new SessionLimits(5, 1_000, 1 << 20, false, 0, false, ShareStrategy.LEAST_INFLIGHT),
                new RetainedIndex(new RetainedConfig(10, 1000)),
                Authorizer.ANONYMOUS,
                new MqttMetrics(new SimpleMeterRegistry()),
                SlowConfig.OFF);
        Router router = new Router(loop, List.of(loop), setup, storage);
        storage.connect(
                new Coordinator<>() {
                    @Override
                    public void submit(String key, SessionCommand command) {
                        submitted.add(command);
                    }

                    @Override
                    public int partitionOf(String key) {
                        return 0;
                    }
                },
                sessions -> {});
        router.sessions()
                .attach(new Sessions.Attach("device", true, false, 3600, Principal.ANONYMOUS, null, loop), attached -> {
                    session = attached.session();
                    session.connect(
                            new OlderConnection(),
                            new Outbound(new EmbeddedChannel()),
                            loop,
                            new ClientLimits(10, Integer.MAX_VALUE, 0));
                });
        loop.run();
        store(submitted.remove());
    }

    @Test
    void whatCameInATurnIsStoredTogether() {
        receive(1);
        receive(2);
        loop.run();
        assertThat(received(submitted.element())).containsExactly(1, 2);
        assertThat(done).isEmpty();
        store(submitted.remove());
        assertThat(done).containsExactly("1 true", "2 true");
    }

    @Test
    void whatCouldNotBeStoredIsNotOvertakenByWhatCameLater() {
        receive(1);
        loop.run();
        storage.refused(submitted.remove(), BrokerError.COORDINATOR_LOADING);
        receive(2);
        loop.advance(LONG_MS);
        assertThat(received(submitted.element())).containsExactly(1);
        store(submitted.remove());
        assertThat(done).containsExactly("1 true");
        assertThat(received(submitted.element())).containsExactly(2);
        store(submitted.remove());
        assertThat(done).containsExactly("1 true", "2 true");
        assertThat(submitted).isEmpty();
    }

    @Test
    void whatComesWhileACommandIsUnderWayGoesWithTheNext() {
        receive(1);
        loop.run();
        receive(2);
        loop.run();
        receive(3);
        loop.run();
        assertThat(submitted).hasSize(1);
        store(submitted.remove());
        assertThat(received(submitted.element())).containsExactly(2, 3);
    }

    @Test
    void packetIdsThatBecameFreeMeanwhileAreStoredInTheirTime() {
        receive(1);
        loop.run();
        loop.execute(() -> session.store().settled(9));
        loop.advance(LONG_MS);
        assertThat(submitted).hasSize(1);
        store(submitted.remove());
        assertThat(((ChangeFlows) submitted.element()).settled()).containsExactly(9);
    }

    private void receive(int packetId) {
        loop.execute(() ->
                session.store().receive(new StoredReceipt(packetId, ORDERS, 0), ok -> done.add(packetId + " " + ok)));
    }

    private void store(SessionCommand command) {
        storage.perform(new SessionEffect.Stored(command.ticket()));
        loop.run();
    }

    private static List<Integer> received(SessionCommand command) {
        return ((ChangeFlows) command)
                .received().stream().map(StoredReceipt::packetId).toList();
    }
}
