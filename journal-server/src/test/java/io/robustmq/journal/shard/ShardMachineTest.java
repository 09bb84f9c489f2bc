package io.robustmq.journal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.Batches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShardMachineTest {
    private static final long NOW = Batches.TIME;
    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;
    private static final int APPEND_TIME = 0x08;
    private static final int MAGIC_AT = 16;
    private static final int LAST_OFFSET_DELTA_AT = 23;

    private final ProducerTable producers = new ProducerTable(3);
    private final List<ByteBuf> made = new ArrayList<>();
    private ShardMachine machine = machine(Map.of());

    @AfterEach
    void release() {
        made.forEach(ByteBuf::release);
    }

    @Test
    void appendsGetDenseOffsetsAndTheLeadersEpoch() {
        ByteBuf first = keep(Batches.of("a", "b"));
        ByteBuf second = keep(Batches.of("c"));
        assertThat(append(first)).isEqualTo(accepted(0, 2));
        assertThat(append(second)).isEqualTo(accepted(2, 3));
        assertThat(new RecordBatch(second, 0).baseOffset()).isEqualTo(2);
        assertThat(new RecordBatch(second, 0).leaderEpoch()).isEqualTo(7);
        assertThat(new RecordBatch(second, 0).isIntact()).isTrue();
    }

    @Test
    void severalBatchesOfOneAppendFollowEachOther() {
        ByteBuf both = keep(Unpooled.wrappedBuffer(Batches.of("a", "b"), Batches.of("c")));
        assertThat(append(both)).isEqualTo(accepted(0, 3));
        assertThat(Batches.read(both)).containsExactly("0=a", "1=b", "2=c");
    }

    @Test
    void oneBadBatchRefusesTheWholeAppend() {
        ByteBuf bad = Batches.of("c");
        bad.setByte(bad.writerIndex() - 1, 'x');
        ByteBuf both = keep(Unpooled.wrappedBuffer(Batches.of("a"), bad));
        assertThat(append(both).error()).isEqualTo(BrokerError.CORRUPT_MESSAGE);
        assertThat(append(keep(Batches.of("next")))).isEqualTo(accepted(0, 1));
    }

    @Test
    void onlyTheLeaderAcceptsAndOnlyAtItsEpoch() {
        assertThat(machine.onAppend(keep(Batches.of("a")), at(6), NOW).error())
                .isEqualTo(BrokerError.FENCED_LEADER_EPOCH);
        assertThat(machine.onAppend(keep(Batches.of("a")), at(8), NOW).error())
                .isEqualTo(BrokerError.UNKNOWN_LEADER_EPOCH);
        assertThat(machine.onAppend(keep(Batches.of("a")), at(7), NOW).accepted())
                .isTrue();
        machine.follow(8);
        assertThat(append(keep(Batches.of("a"))).error()).isEqualTo(BrokerError.NOT_LEADER);
    }

    @Test
    void acksAllNeedsMinInsyncReplicasAndAcksOneDoesNot() {
        machine.lead(7, 1, 2);
        assertThat(append(keep(Batches.of("a"))).error()).isEqualTo(BrokerError.NOT_ENOUGH_REPLICAS);
        AppendOptions one = new AppendOptions(Acks.LEADER, Origin.CLIENT, AppendOptions.ANY_EPOCH, 1000);
        assertThat(machine.onAppend(keep(Batches.of("a")), one, NOW).accepted()).isTrue();
    }

    @Test
    void batchesThatAreNotWellFormedAreRefused() {
        assertRefused(Unpooled.buffer(0), BrokerError.INVALID_RECORD);
        ByteBuf old = Batches.of("a");
        assertRefused(old.setByte(MAGIC_AT, 1), BrokerError.UNSUPPORTED_FOR_MESSAGE_FORMAT);
        ByteBuf lying = Batches.of("a", "b");
        assertRefused(Batches.sealed(lying.setInt(LAST_OFFSET_DELTA_AT, 5)), BrokerError.INVALID_RECORD);
        assertRefused(Batches.withAttributes(Batches.of("a"), 5), BrokerError.UNSUPPORTED_COMPRESSION);
        ByteBuf whole = Batches.of("cut");
        for (int end = 1; end < whole.writerIndex(); end++) {
            Verdict verdict = append(whole.slice(0, end));
            assertThat(verdict.accepted()).as("cut at %d", end).isFalse();
        }
        keep(whole);
    }

    @Test
    void clientsObeyTheTopicsRules() {
        machine = machine(Map.of("max.message.bytes", "100", "message.timestamp.before.max.ms", "1000"));
        assertRefused(Batches.of("x".repeat(100)), BrokerError.MESSAGE_TOO_LARGE);
        assertRefused(Batches.withAttributes(Batches.of("a"), CONTROL), BrokerError.INVALID_RECORD);
        assertRefused(Batches.withAttributes(Batches.of("a"), TRANSACTIONAL), BrokerError.INVALID_RECORD);
        assertRefused(Batches.withAttributes(Batches.of("a"), APPEND_TIME), BrokerError.INVALID_TIMESTAMP);
        assertRefused(Batches.at(NOW - 1001, "a"), BrokerError.INVALID_TIMESTAMP);
        assertRefused(Batches.at(NOW + 3_600_001, "a"), BrokerError.INVALID_TIMESTAMP);
        assertThat(append(keep(Batches.at(NOW - 1000, "a"))).accepted()).isTrue();
    }

    @Test
    void coordinatorsMayWriteControlBatches() {
        AppendOptions coordinator = new AppendOptions(Acks.ALL, Origin.COORDINATOR, AppendOptions.ANY_EPOCH, 1000);
        ByteBuf marker = keep(Batches.withAttributes(Batches.of("a"), CONTROL));
        assertThat(machine.onAppend(marker, coordinator, NOW)).isEqualTo(accepted(0, 1));
    }

    @Test
    void compactedTopicRefusesRecordsWithoutKey() {
        machine = machine(Map.of("cleanup.policy", "compact"));
        assertRefused(Batches.of("no key"), BrokerError.INVALID_RECORD);
    }

    @Test
    void appendTimeIsStampedWhereTheTopicAsks() {
        machine = machine(Map.of("message.timestamp.type", "LogAppendTime"));
        ByteBuf batch = keep(Batches.at(1, "a"));
        Verdict verdict = append(batch);
        assertThat(verdict.appendTimeMs()).isEqualTo(NOW);
        assertThat(new RecordBatch(batch, 0).maxTimestamp()).isEqualTo(NOW);
        assertThat(new RecordBatch(batch, 0).isIntact()).isTrue();
    }

    @Test
    void repeatedBatchIsAnsweredWithItsFirstOffset() {
        for (int i = 0; i < 6; i++) {
            assertThat(append(producer(9, 0, i)).accepted()).isTrue();
        }
        machine.onWritten();
        assertThat(append(producer(9, 0, 1))).isEqualTo(duplicate(1, 2));
        assertThat(append(producer(9, 0, 5))).isEqualTo(duplicate(5, 6));
        assertThat(append(producer(9, 0, 6))).isEqualTo(accepted(6, 7));
    }

    /** Its answer, which the last leader owes, may come when the producer has long sent others to this one. */
    @Test
    void repeatedBatchOlderThanTheFiveThatAreRememberedIsThereThoughNobodyKnowsWhere() {
        append(keep(Batches.idempotent(9, 0, 0, "a", "b", "c")));
        for (int i = 3; i < 9; i++) {
            append(producer(9, 0, i));
        }
        machine.onWritten();
        assertThat(append(keep(Batches.idempotent(9, 0, 0, "a", "b", "c")))).isEqualTo(duplicate(-1, 4));
        assertThat(append(producer(9, 0, 3))).isEqualTo(duplicate(-1, 4));
        assertThat(append(producer(9, 0, 4))).isEqualTo(duplicate(4, 5));
        assertThat(append(keep(Batches.idempotent(9, 0, 3, "a", "b"))).error())
                .as("partly among those that are remembered, and none of them")
                .isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(keep(Batches.idempotent(9, 0, 8, "a", "b"))).error())
                .isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, Integer.MAX_VALUE)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, 9))).isEqualTo(accepted(9, 10));
    }

    @Test
    void nothingIsKnownOfWhatAProducerSentBeforeItWasKnown() {
        for (int i = 1000; i < 1010; i++) {
            append(producer(9, 3, i));
        }
        machine.onWritten();
        assertThat(append(producer(9, 3, 1000))).isEqualTo(duplicate(-1, 5));
        assertThat(append(producer(9, 3, 999)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(keep(Batches.idempotent(9, 3, 999, "a", "b"))).error())
                .isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        append(producer(9, 4, 0));
        assertThat(append(producer(9, 4, 1000)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
    }

    /** Its leader had forgotten the producer, and took what came next from it for its first. */
    @Test
    void whatIsMissingAmongWhatALeaderSentIsNotTakenForStored() {
        replicate(0);
        replicate(20);
        for (int i = 21; i < 30; i++) {
            replicate(i);
        }
        assertThat(append(producer(9, 0, 10)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, 0)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, 21))).isEqualTo(duplicate(-1, 6));
    }

    @Test
    void whatWasNotWrittenAfterAllIsNotKnown() {
        append(producer(9, 0, 7));
        machine.onWritten();
        for (int i = 8; i < 20; i++) {
            append(producer(9, 0, i));
        }
        machine.onWriteFailed();
        assertThat(append(producer(9, 0, 9)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, 6)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, 8))).isEqualTo(accepted(1, 2));
    }

    @Test
    void gapInASequenceIsRefused() {
        append(producer(9, 0, 0));
        assertThat(append(producer(9, 0, 2)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 0, 1)).accepted()).isTrue();
    }

    @Test
    void unknownProducerMayStartAnywhere() {
        assertThat(append(producer(9, 3, 1234)).accepted()).isTrue();
        assertThat(append(producer(9, 3, 1235)).accepted()).isTrue();
    }

    @Test
    void newEpochStartsAtZeroAndFencesTheOldOne() {
        append(producer(9, 1, 0));
        assertThat(append(producer(9, 2, 1)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(producer(9, 2, 0)).accepted()).isTrue();
        assertThat(append(producer(9, 1, 1)).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(append(producer(9, 2, 1)).accepted()).isTrue();
    }

    @Test
    void sequenceWrapsToZero() {
        append(producer(9, 0, Integer.MAX_VALUE));
        assertThat(append(producer(9, 0, 0)).accepted()).isTrue();
        ByteBuf across = keep(Batches.idempotent(8, 0, Integer.MAX_VALUE, "a", "b", "c"));
        append(across);
        for (int i = 2; i < 8; i++) {
            assertThat(append(producer(8, 0, i)).accepted()).isTrue();
        }
        assertThat(append(across).baseOffset()).isEqualTo(-1);
    }

    @Test
    void failedWriteTakesBackOffsetsAndSequences() {
        append(producer(9, 0, 0));
        machine.onWritten();
        append(producer(9, 0, 1));
        append(producer(9, 0, 2));
        append(producer(5, 0, 0));
        machine.onWriteFailed();
        assertThat(machine.endOffset()).isEqualTo(1);
        assertThat(producers.size()).isEqualTo(1);
        assertThat(append(producer(9, 0, 1))).isEqualTo(accepted(1, 2));
        assertThat(append(producer(9, 0, 0))).isEqualTo(duplicate(0, 1));
    }

    @Test
    void tableKeepsTheMostRecentProducersOnly() {
        append(producer(1, 0, 0));
        append(producer(2, 0, 0));
        append(producer(3, 0, 0));
        append(producer(1, 0, 1));
        append(producer(4, 0, 0));
        machine.onWritten();
        assertThat(producers.states()).extracting(state -> state.producerId()).containsExactly(3L, 1L, 4L);
    }

    @Test
    void tableSurvivesWritingAndReading() {
        for (int i = 0; i < 7; i++) {
            append(producer(9, 2, i));
        }
        append(producer(4, 0, 11));
        machine.onWritten();
        ByteBuf bytes = keep(Unpooled.buffer());
        producers.write(bytes);
        ProducerTable copy = new ProducerTable(3);
        copy.read(bytes);
        assertThat(copy.states()).isEqualTo(producers.states());
        RecordBatch repeated = new RecordBatch(producer(9, 2, 3), 0);
        assertThat(copy.duplicate(repeated)).isEqualTo(duplicate(3, 4));
        assertThat(copy.duplicate(new RecordBatch(producer(9, 2, 1), 0)))
                .as("of older ones nothing is written")
                .isNull();
    }

    @Test
    void highWatermarkOnlyMovesForward() {
        append(keep(Batches.of("a", "b", "c")));
        machine.onWritten();
        assertThat(machine.onDurable(2)).isTrue();
        assertThat(machine.onDurable(1)).isFalse();
        assertThat(machine.highWatermark()).isEqualTo(2);
    }

    private ShardMachine machine(Map<String, String> configs) {
        ShardMachine fresh = new ShardMachine(producers, TopicSettings.of(configs), 0, 1 << 20);
        fresh.lead(7, 1, 1);
        return fresh;
    }

    /** As its leader has it. */
    private void replicate(int sequence) {
        ByteBuf batch = producer(9, 0, sequence);
        batch.setLong(batch.readerIndex(), machine.acceptedOffset());
        assertThat(machine.checkReplicated(batch)).isEmpty();
        machine.onReplicated(batch);
        machine.onWritten();
    }

    private Verdict append(ByteBuf batches) {
        return machine.onAppend(batches, AppendOptions.DURABLE, NOW);
    }

    private void assertRefused(ByteBuf batches, BrokerError error) {
        assertThat(append(keep(batches)).error()).isEqualTo(error);
    }

    private ByteBuf producer(long producerId, int epoch, int sequence) {
        return keep(Batches.idempotent(producerId, epoch, sequence, "v"));
    }

    private ByteBuf keep(ByteBuf buffer) {
        made.add(buffer);
        return buffer;
    }

    private static AppendOptions at(int epoch) {
        return new AppendOptions(Acks.ALL, Origin.CLIENT, epoch, 1000);
    }

    private static Verdict accepted(long base, long end) {
        return new Verdict(BrokerError.NONE, "", false, base, end, -1);
    }

    private static Verdict duplicate(long base, long end) {
        return new Verdict(BrokerError.NONE, "", true, base, end, -1);
    }
}
