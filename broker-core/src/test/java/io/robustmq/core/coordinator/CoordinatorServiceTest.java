package io.robustmq.core.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CounterMachine.Command;
import io.robustmq.core.coordinator.CounterMachine.Counted;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoordinatorServiceTest {
    private static final String TOPIC = "__mqtt_sessions";

    private final SimLoop loop = new SimLoop();
    private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    private final InMemoryJournal journal = new InMemoryJournal(1);
    private final List<String> seen = new ArrayList<>();
    private final List<CounterMachine> machines = new ArrayList<>();
    private CoordinatorService<Command, Counted, String> service = service(settings());

    @Test
    void firstCommandCreatesTheTopicAndIsAnswered() {
        submit("add", "a");
        loop.run();
        assertThat(meta.image().topic(TOPIC)).isNotNull();
        assertThat(seen).containsExactly("activated with 0", "a=1");
    }

    @Test
    void commandsOfOneTurnBecomeOneBatchAndAreAnsweredInOrder() {
        open();
        submit("add", "a");
        submit("get", "a");
        submit("add", "a");
        loop.run();
        assertThat(seen).containsExactly("a=1", "a=1", "a=2");
        assertThat(journal.appendCount()).isEqualTo(1);
    }

    @Test
    void commandsThatArriveDuringAnAppendFormTheNextBatch() {
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        submit("add", "a");
        submit("get", "a");
        loop.run();
        assertThat(seen).isEmpty();
        assertThat(journal.appendCount()).isEqualTo(1);
        journal.release();
        loop.run();
        assertThat(seen).containsExactly("a=1", "a=2", "a=2");
        assertThat(journal.appendCount()).isEqualTo(2);
    }

    @Test
    void nothingIsDecidedByMetadataThatIsOlderThanTheProcess() {
        journal.metadataOld(true);
        open();
        submit("add", "a");
        loop.advance(5_000);
        assertThat(seen).containsExactly("refused a COORDINATOR_LOADING");
        journal.metadataOld(false);
        loop.advance(5_000);
        submit("add", "a");
        loop.run();
        assertThat(seen).contains("activated with 0", "a=1");
    }

    @Test
    void whoMayHaveBeenTakenForDeadSaysOnlyWhatIsNotHarmful() {
        open();
        submit("add", "a");
        loop.run();
        journal.unsure(true);
        submit("get", "a");
        loop.run();
        submit("add", "a");
        loop.run();
        assertThat(seen).as("what is appended is certain").containsExactly("a=1", "unsure a=1", "a=2");
    }

    @Test
    void whoReadsItsStateAndMayHaveBeenTakenForDeadSendsClientsElsewhere() {
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        meta.lead(TOPIC, 0, 1);
        loop.run();
        seen.clear();
        journal.unsure(true);
        submit("get", "a");
        loop.run();
        assertThat(seen).containsExactly("refused a NOT_COORDINATOR");
    }

    @Test
    void queueIsBounded() {
        service = service(settings(2));
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        submit("add", "b");
        submit("add", "c");
        submit("add", "d");
        loop.run();
        assertThat(seen).containsExactly("refused d OVERLOADED");
        journal.release();
        loop.run();
        assertThat(seen).containsExactly("refused d OVERLOADED", "a=1", "b=1", "c=1");
    }

    @Test
    void appendThatFailsRefusesItsCommandsAndTheStateIsReadAgain() {
        open();
        submit("add", "a");
        submit("park", "p");
        loop.run();
        seen.clear();
        journal.failNext(BrokerError.NOT_ENOUGH_REPLICAS, false);
        submit("add", "a");
        loop.run();
        assertThat(seen)
                .containsExactly(
                        "refused a COORDINATOR_NOT_AVAILABLE", "p dropped COORDINATOR_LOADING", "activated with 1");
        seen.clear();
        submit("get", "a");
        loop.run();
        assertThat(seen).containsExactly("a=1");
    }

    @Test
    void appendThatTimedOutButIsInTheLogCountsAfterTheReload() {
        open();
        journal.failNext(BrokerError.REQUEST_TIMED_OUT, true);
        submit("add", "a");
        loop.run();
        submit("get", "a");
        loop.run();
        assertThat(seen).containsExactly("refused a COORDINATOR_NOT_AVAILABLE", "activated with 1", "a=1");
    }

    @Test
    void deciderThatFailsIsReadAgainAndTheOthersGoOn() {
        open();
        submit("add", "a");
        loop.run();
        submit("no such verb", "a");
        loop.run();
        submit("add", "a");
        loop.run();
        assertThat(seen).containsExactly("a=1", "refused a UNEXPECTED", "activated with 1", "a=2");
    }

    @Test
    void commandsDecidedTogetherWithOneThatFailsMayBeTriedAgain() {
        open();
        submit("add", "a");
        submit("no such verb", "b");
        submit("add", "c");
        loop.run();
        assertThat(seen)
                .containsExactly(
                        "refused a COORDINATOR_NOT_AVAILABLE",
                        "refused b UNEXPECTED",
                        "refused c COORDINATOR_LOADING",
                        "activated with 0");
    }

    @Test
    void recordThatCannotBeReadKeepsThePartitionFromServingUntilItIsGone() {
        open();
        BatchBuilder broken = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 64);
        ByteBuf text = Unpooled.copiedBuffer("no number", StandardCharsets.UTF_8);
        broken.append(1, text, text, List.of());
        journal.append(partition(), broken.build(), AppendOptions.DURABLE, loop, result -> {});
        meta.lead(TOPIC, 0, 1);
        loop.advance(60_000);
        submit("add", "a");
        loop.run();
        assertThat(seen).containsExactly("refused a COORDINATOR_LOADING");
        journal.copyFrom(journal, partition(), 0);
        loop.advance(5_000);
        submit("add", "a");
        loop.run();
        assertThat(seen).last().isEqualTo("a=1");
    }

    @Test
    void resigningRefusesWhatIsInFlightAndQueued() {
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        submit("add", "b");
        loop.run();
        meta.lead(TOPIC, 0, 2);
        loop.run();
        submit("add", "c");
        loop.run();
        assertThat(seen)
                .containsExactly(
                        "refused a NOT_COORDINATOR", "lost", "refused b NOT_COORDINATOR", "refused c NOT_COORDINATOR");
        journal.release();
        loop.run();
        assertThat(seen).hasSize(4);
    }

    @Test
    void whoResignsWhileTheStateIsReadAgainTellsThatItIsLost() {
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        meta.lead(TOPIC, 0, 1);
        loop.run();
        meta.lead(TOPIC, 0, 2);
        loop.run();
        assertThat(seen).containsExactly("refused a COORDINATOR_LOADING", "lost");
    }

    @Test
    void newEpochReadsTheLogAgainAndWaitsForWhatIsNotCommitted() {
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        meta.lead(TOPIC, 0, 1);
        loop.run();
        submit("get", "a");
        loop.run();
        assertThat(seen).containsExactly("refused a COORDINATOR_LOADING", "refused a COORDINATOR_LOADING");
        journal.release();
        loop.advance(100);
        submit("get", "a");
        loop.run();
        assertThat(seen).last().isEqualTo("a=1");
    }

    @Test
    void commandsMayWaitForTheLoad() {
        service = service(settings().holdingWhileLoading());
        open();
        journal.hold();
        submit("add", "a");
        loop.run();
        meta.lead(TOPIC, 0, 1);
        loop.run();
        submit("add", "a");
        loop.run();
        assertThat(seen).containsExactly("refused a COORDINATOR_LOADING");
        journal.release();
        loop.advance(100);
        assertThat(seen).containsExactly("refused a COORDINATOR_LOADING", "activated with 1", "a=2");
    }

    @Test
    void deciderIsWokenWhenItAsked() {
        open();
        submit("wake", "500");
        loop.run();
        loop.advance(499);
        assertThat(seen).isEmpty();
        loop.advance(1);
        assertThat(seen).containsExactly("tick");
        loop.advance(10_000);
        assertThat(seen).containsExactly("tick");
        assertThat(loop.timerCount()).isZero();
    }

    @Test
    void commandWithMoreFactsThanABatchHoldsIsOneAppendOfManyBatches() {
        service = service(
                new CoordinatorSettings(TOPIC, 1, 1, -1, settings().topicConfigs(), 100, 512, 256, 1000, false));
        open();
        submit("bulk", "x");
        submit("add", "y");
        loop.run();
        assertThat(seen).containsExactly("x done", "y=1");
        assertThat(journal.appendCount()).isEqualTo(2);
        assertThat(journal.batches(partition())).hasSize(4);
        meta.lead(TOPIC, 0, 1);
        loop.run();
        assertThat(seen).last().isEqualTo("activated with 101");
    }

    @Test
    void topicThatCannotBeCreatedRefusesAndIsTriedAgain() {
        meta.unreachable(true);
        submit("add", "a");
        loop.run();
        assertThat(seen).containsExactly("refused a COORDINATOR_NOT_AVAILABLE");
        meta.unreachable(false);
        submit("add", "a");
        loop.run();
        assertThat(seen).last().isEqualTo("a=1");
    }

    @Test
    void deletedTopicIsCreatedAnewWithEmptyState() {
        open();
        submit("add", "a");
        loop.run();
        assertThat(meta.submit(new MetaCommand.DeleteTopic(TOPIC))).isCompleted();
        loop.run();
        submit("add", "a");
        loop.run();
        assertThat(seen).containsExactly("a=1", "lost", "activated with 0", "a=1");
    }

    @Test
    void stateAfterACrashBehindAnyBatchIsThatOfTheAnswersBefore() {
        open();
        List<Long> expected = new ArrayList<>(List.of(0L));
        for (int i = 1; i <= 20; i++) {
            submit("add", "a");
            loop.run();
            expected.add((long) i);
        }
        Partition partition = partition();
        for (int crash = 0; crash <= 20; crash++) {
            InMemoryJournal survivor = new InMemoryJournal(1);
            survivor.copyFrom(journal, partition, crash);
            survivor.lead(partition, 1, true);
            StateOf state = new StateOf();
            SimLoop own = new SimLoop();
            new StateLoader<>(settings(), new CounterMachine.Codec(), survivor, partition, 1, own)
                    .start(state.machine::apply, (records, nanos) -> state.loaded = true, () -> {});
            own.run();
            assertThat(state.loaded).isTrue();
            assertThat(state.machine.counts.getOrDefault("a", 0L)).isEqualTo(expected.get(crash));
        }
    }

    @Test
    void keysArePlacedAsKafkaPlacesGroups() {
        assertThat(CoordinatorService.partitionFor("a", 50)).isEqualTo(47);
        assertThat(CoordinatorService.partitionFor("polygenelubricants", 50)).isZero();
    }

    private static final class StateOf {
        private final CounterMachine machine = new CounterMachine();
        private boolean loaded;
    }

    private static CoordinatorSettings settings(int pendingMax) {
        CoordinatorSettings usual = settings();
        return new CoordinatorSettings(
                TOPIC, 1, 1, -1, usual.topicConfigs(), pendingMax, usual.batchBytesMax(), 1 << 20, 1000, false);
    }

    private static CoordinatorSettings settings() {
        return CoordinatorSettings.compacted(TOPIC, 1, 1);
    }

    private CoordinatorService<Command, Counted, String> service(CoordinatorSettings settings) {
        EffectSink<Command, String> sink = new EffectSink<>() {
            @Override
            public void perform(String effect) {
                seen.add(effect);
            }

            @Override
            public String unsure(String effect) {
                return "unsure " + effect;
            }

            @Override
            public void refused(Command command, BrokerError error) {
                seen.add("refused " + command.name() + " " + error);
            }
        };
        CoordinatorKind<Command, Counted, String> kind = new CoordinatorKind<>(
                index -> {
                    CounterMachine machine = new CounterMachine();
                    machines.add(machine);
                    return machine;
                },
                new CounterMachine.Codec(),
                sink,
                () -> new Command("tick", ""));
        CoordinatorService<Command, Counted, String> made =
                new CoordinatorService<>(settings, kind, journal, meta, loop, UnpooledByteBufAllocator.DEFAULT);
        if (service == null) {
            meta.subscribe(journal);
        } else {
            service.close();
        }
        meta.subscribe(made);
        return made;
    }

    private Partition partition() {
        return meta.image().topicsByName().get(TOPIC).partition(0);
    }

    private void open() {
        assertThat(service.ensureTopic()).isCompletedWithValue(1);
        loop.run();
        seen.clear();
    }

    private void submit(String verb, String name) {
        service.submit(name, new Command(verb, name));
    }
}
