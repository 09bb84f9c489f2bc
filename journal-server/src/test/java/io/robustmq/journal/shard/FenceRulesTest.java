package io.robustmq.journal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.ProducerState;
import io.robustmq.journal.Batches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a shard's leader makes of the markers by which a node fences what it has given up. */
class FenceRulesTest {
    private static final long NOW = Batches.TIME;

    private final ProducerTable producers = new ProducerTable(3);
    private final ShardMachine machine = new ShardMachine(producers, TopicSettings.of(Map.of()), 0, 1 << 20);
    private final List<ByteBuf> made = new ArrayList<>();

    FenceRulesTest() {
        machine.lead(7, 1, 1);
    }

    @AfterEach
    void release() {
        made.forEach(ByteBuf::release);
    }

    @Test
    void nothingOfAnOlderEpochIsTakenAfterANodesMarker() {
        node(data(9, 0, 0));
        assertThat(node(fence(9, 1)).baseOffset()).isEqualTo(1);
        assertThat(node(data(9, 0, 1)).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(node(fence(9, 0)).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(machine.onWritten()).as("nothing was open").isEmpty();
    }

    /** The very first request may be the one that comes late. */
    @Test
    void whereNothingIsKnownOfTheNodeAMarkerFencesToo() {
        assertThat(node(fence(9, 1)).baseOffset()).isZero();
        assertThat(node(data(9, 0, 0)).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(node(data(9, 1, 1)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(node(data(9, 1, 0)).baseOffset()).isEqualTo(1);
    }

    @Test
    void aMarkerAmongBatchesOfItsOwnEpochChangesNothing() {
        node(data(9, 1, 0));
        assertThat(node(fence(9, 1)).baseOffset()).isEqualTo(1);
        assertThat(node(data(9, 1, 0))).isEqualTo(new Verdict(BrokerError.NONE, "", true, 0, 1, -1));
        assertThat(node(data(9, 1, 1)).baseOffset()).isEqualTo(2);
    }

    @Test
    void followersFenceAsTheLeaderDoes() {
        ByteBuf marker = fence(9, 1);
        node(marker);
        ShardMachine follower = new ShardMachine(new ProducerTable(3), TopicSettings.of(Map.of()), 0, 1 << 20);
        assertThat(follower.checkReplicated(marker)).isEmpty();
        follower.onReplicated(marker);
        follower.onWritten();
        follower.lead(8, 1, 1);
        assertThat(follower.onAppend(data(9, 0, 0), options(Origin.NODE), NOW).error())
                .isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(follower.onAppend(data(9, 1, 0), options(Origin.NODE), NOW).baseOffset())
                .isEqualTo(1);
    }

    @Test
    void clientsWriteNoMarkers() {
        assertThat(machine.onAppend(fence(9, 1), options(Origin.CLIENT), NOW).error())
                .isEqualTo(BrokerError.INVALID_RECORD);
        assertThat(machine.acceptedOffset()).isZero();
    }

    @Test
    void aNodeWritesNoOtherControlBatches() {
        ByteBuf commit = keep(Batches.marker(9, 1, true, -1));
        ByteBuf ofNobody = keep(Batches.marker(-1, -1, false, -1));
        ByteBuf numbered = keep(Batches.withProducer(Batches.marker(9, 1, false, -1), 9, 1, 0));
        ByteBuf noMarker = keep(Batches.withAttributes(Batches.withProducer(Batches.of("v"), 9, 1, -1), 0x20));
        for (ByteBuf batch : List.of(commit, ofNobody, numbered, noMarker)) {
            assertThat(node(batch).error()).isEqualTo(BrokerError.INVALID_RECORD);
        }
        assertThat(producers.size()).isZero();
    }

    @Test
    void aNodeEndsNobodysTransaction() {
        machine.onAppend(
                keep(Batches.transactional(9, 0, 0, "v")), AppendOptions.DURABLE.verifiedAt(Long.MAX_VALUE), NOW);
        assertThat(node(fence(9, 1)).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
        assertThat(producers.states()).containsExactly(new ProducerState(9, (short) 0, 0, NOW, -1, 0));
    }

    /** They say nothing of when a transaction was verified. */
    @Test
    void aForgottenNodesMarkerBarsNoTransactions() {
        long verifiedAt = machine.endOffset();
        node(fence(9, 1));
        machine.onWritten();
        producers.expire(Long.MAX_VALUE);
        ByteBuf first = keep(Batches.transactional(1, 0, 0, "v"));
        assertThat(machine.onAppend(first, AppendOptions.DURABLE.verifiedAt(verifiedAt), NOW)
                        .accepted())
                .isTrue();
    }

    @Test
    void compactedTopicsAndThoseThatKeepOldTimestampsOutTakeMarkers() {
        machine.settings(TopicSettings.of(Map.of("cleanup.policy", "compact", "message.timestamp.before.max.ms", "1")));
        Verdict verdict = machine.onAppend(fence(9, 1), options(Origin.NODE), NOW + 1_000);
        assertThat(verdict.accepted()).isTrue();
    }

    private Verdict node(ByteBuf batch) {
        return machine.onAppend(batch, options(Origin.NODE), NOW);
    }

    private static AppendOptions options(Origin origin) {
        return new AppendOptions(Acks.ALL, origin, AppendOptions.ANY_EPOCH, 1000);
    }

    private ByteBuf fence(long producerId, int epoch) {
        return keep(Batches.marker(producerId, epoch, false, -1));
    }

    private ByteBuf data(long producerId, int epoch, int sequence) {
        return keep(Batches.idempotent(producerId, epoch, sequence, "v"));
    }

    private ByteBuf keep(ByteBuf buffer) {
        made.add(buffer);
        return buffer;
    }
}
