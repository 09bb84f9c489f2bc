package io.robustmq.journal;

import static io.robustmq.journal.ReplicatedJournals.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.ReadResult;
import io.robustmq.journal.remote.ClusterJournal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node appends to a partition that others lead, and reads of one that it follows. */
class ClusterJournalTest {
    private static final int MESSAGES = 40;
    private static final int INFLIGHT_BYTES = 1 << 20;

    private ReplicatedJournals cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ReplicatedJournals(
                3,
                Map.of(
                        "journal.replica.lag.ms",
                        "10000",
                        "journal.inflight.bytes.max",
                        Integer.toString(INFLIGHT_BYTES)),
                Map.of());
    }

    @AfterEach
    void close() throws IOException {
        cluster.close();
    }

    @Test
    void whatIsAppendedAtAFollowerIsInTheLogInItsOrder() throws Exception {
        List<CompletableFuture<AppendResult>> answers = send(cluster.clusterJournal(2), MESSAGES);
        assertThat(offsets(answers))
                .isEqualTo(IntStream.range(0, MESSAGES).mapToObj(i -> (long) i).toList());
        awaitAt(3, MESSAGES);
    }

    @Test
    void whatIsNotAnsweredIsSentAgainAndIsThereOnce() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        offsets(send(two, 1));
        cluster.loseAnswers(7);
        List<CompletableFuture<AppendResult>> answers = send(two, MESSAGES);
        assertThat(offsets(answers))
                .isEqualTo(IntStream.rangeClosed(1, MESSAGES)
                        .mapToObj(i -> (long) i)
                        .toList());
        awaitAt(3, MESSAGES + 1);
    }

    @Test
    void whatIsUnderWayWhenTheLeaderGoesIsThereOnceAtTheNextOne() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        offsets(send(two, 1));
        List<CompletableFuture<AppendResult>> answers = send(two, MESSAGES);
        cluster.cutOff(1);
        cluster.lead(3, 2, 3);
        assertThat(offsets(answers))
                .isEqualTo(IntStream.rangeClosed(1, MESSAGES)
                        .mapToObj(i -> (long) i)
                        .toList());
        awaitAt(2, MESSAGES + 1);
    }

    /** A leader that knows nothing of who writes takes any sequence number from a client, but not from a node. */
    @Test
    void whatComesSecondIsNotFirstBecauseTheVeryFirstWasLost() throws Exception {
        cluster.loseAppends(1);
        List<CompletableFuture<AppendResult>> answers = send(cluster.clusterJournal(2), 3);
        assertThat(offsets(answers)).containsExactly(0L, 1L, 2L);
        assertThat(read(cluster.clusterJournal(1))).containsExactly("0=0", "1=1", "2=2");
    }

    /** Who publishes would send the first again, and find the second before it. */
    @Test
    @Timeout(60)
    void whatComesBehindAWriteThatIsGivenUpIsGivenUpWithIt() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        offsets(send(two, 1));
        cluster.cutOff(1);
        CompletableFuture<AppendResult> first = send(two, "first", impatient(), cluster.loop());
        List<CompletableFuture<AppendResult>> behind = send(two, MESSAGES);
        assertThat(get(first).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        for (CompletableFuture<AppendResult> each : behind) {
            assertThat(get(each).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        }
        cluster.lead(3, 2, 3);
        // What this thread sends may come before the loop is known to have heard.
        AppendResult again = get(send(two, "again"));
        while (again.error() == BrokerError.REQUEST_TIMED_OUT) {
            again = get(send(two, "again"));
        }
        assertThat(again.baseOffset()).isEqualTo(1);
    }

    @Test
    void whatALoopHandsOverBeforeItHasHeardThatAWriteWasGivenUpIsGivenUpToo() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        offsets(send(two, 1));
        cluster.cutOff(1);
        HeldLoop busy = new HeldLoop(cluster.loop());
        CompletableFuture<AppendResult> first = send(two, "first", impatient(), busy);
        until(busy::isToldSomething);
        cluster.lead(3, 2, 3);
        CompletableFuture<AppendResult> second = send(two, "second", AppendOptions.DURABLE, busy);
        until(() -> {
            busy.turn();
            return second.isDone();
        });
        assertThat(get(first).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        assertThat(get(second).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        CompletableFuture<AppendResult> again = send(two, "again", AppendOptions.DURABLE, busy);
        until(() -> {
            busy.turn();
            return again.isDone();
        });
        assertThat(get(again).baseOffset()).isEqualTo(1);
    }

    /** A session's next home would look for it, not find it, and let it be sent again. */
    @Test
    void whatAnotherNodeBeganToAppendIsWaitedFor() throws Exception {
        offsets(send(cluster.clusterJournal(2), 1));
        cluster.cutOff(1);
        CompletableFuture<AppendResult> late = send(cluster.clusterJournal(2), "late");
        CompletableFuture<Boolean> settled = new CompletableFuture<>();
        cluster.clusterJournal(3)
                .settledWrites(JournalHarness.ORDERS, cluster.loop(), () -> settled.complete(late.isDone()));
        cluster.reconnect(1);
        assertThat(settled.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(get(late).baseOffset()).isEqualTo(1);
    }

    /** As a topic that was just created has none. */
    @Test
    void whatNobodyWaitsForIsNotLostForWantOfALeader() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        cluster.lead(PartitionImage.NO_LEADER, 1, 2, 3);
        AppendOptions unawaited =
                new AppendOptions(Acks.LEADER, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 30_000);
        CompletableFuture<AppendResult> first = send(two, "first", unawaited, cluster.loop());
        CompletableFuture<AppendResult> second = send(two, "second", AppendOptions.DURABLE, cluster.loop());
        cluster.lead(1, 1, 2, 3);
        assertThat(get(second).baseOffset()).isEqualTo(1);
        assertThat(get(first).baseOffset()).isZero();
    }

    @Test
    void whatALeaderWithoutRoomRefusesWaitsForTheNextLeader() throws Exception {
        cluster.close();
        cluster = new ReplicatedJournals(3, Map.of("journal.replica.lag.ms", "10000"), Map.of(), 256 << 10);
        ClusterJournal two = cluster.clusterJournal(2);
        List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            answers.add(send(two, "x".repeat(10_000)));
        }
        until(() -> cluster.saysThatItIsFull(1));
        cluster.lead(3, 2, 3);
        assertThat(offsets(answers))
                .isEqualTo(IntStream.range(0, MESSAGES).mapToObj(i -> (long) i).toList());
    }

    @Test
    void whatALaterPartRefusesLeavesNoGapBehind() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        CompletableFuture<AppendResult> first = send(two, "0");
        CompletableFuture<AppendResult> broken = new CompletableFuture<>();
        ByteBuf damaged = Batches.withAttributes(Batches.of("damaged"), 0x07);
        two.append(JournalHarness.ORDERS, damaged, AppendOptions.DURABLE, cluster.loop(), broken::complete);
        CompletableFuture<AppendResult> last = send(two, "1");
        assertThat(get(first).baseOffset()).isZero();
        assertThat(get(broken).succeeded()).isFalse();
        assertThat(get(last).baseOffset()).isEqualTo(1);
    }

    @Test
    void aNodeThatWasTakenForDeadAppendsNothing() throws Exception {
        cluster.journals.get(2).registered(2);
        CompletableFuture<AppendResult> answer = send(cluster.clusterJournal(2), "late", impatient(), cluster.loop());
        assertThat(get(answer).succeeded()).isFalse();
        assertThat(cluster.end(1)).isZero();
    }

    @Test
    void whileNobodyAnswersNoMoreIsHeldThanTheJournalMay() throws Exception {
        ClusterJournal two = cluster.clusterJournal(2);
        offsets(send(two, 1));
        cluster.cutOff(1);
        List<CompletableFuture<AppendResult>> sent = new ArrayList<>();
        int fit = INFLIGHT_BYTES / 101_000;
        for (int i = 0; i < 2 * fit; i++) {
            sent.add(send(two, "x".repeat(100_000)));
        }
        for (CompletableFuture<AppendResult> refused : sent.subList(fit, 2 * fit)) {
            assertThat(get(refused).error()).isEqualTo(BrokerError.OVERLOADED);
        }
        cluster.lead(3, 2, 3);
        assertThat(offsets(sent.subList(0, fit))).doesNotHaveDuplicates().doesNotContain(-1L);
        assertThat(get(send(two, "y")).succeeded()).isTrue();
    }

    @Test
    void theEndThatIsSettledIsTheLeadersAndIsReadHere() throws Exception {
        ClusterJournal three = cluster.clusterJournal(3);
        offsets(send(cluster.clusterJournal(2), 5));
        CompletableFuture<Long> end = new CompletableFuture<>();
        three.settledEnd(JournalHarness.ORDERS, cluster.loop(), end::complete);
        assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(read(three)).containsExactly("0=0", "1=1", "2=2", "3=3", "4=4");
    }

    @Test
    void whatIsNotHereYetIsNothingToRead() {
        ReadResult result =
                cluster.clusterJournal(2).read(JournalHarness.ORDERS, 7, 1000, true, Isolation.READ_COMMITTED);
        assertThat(result.slice()).isNull();
        assertThat(result.error()).isNotEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
    }

    private void awaitAt(int node, int count) throws Exception {
        CompletableFuture<Long> end = new CompletableFuture<>();
        ClusterJournal journal = cluster.clusterJournal(node);
        journal.settledEnd(JournalHarness.ORDERS, cluster.loop(), end::complete);
        assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(count);
        assertThat(read(journal)).hasSize(count).doesNotHaveDuplicates();
    }

    private List<CompletableFuture<AppendResult>> send(ClusterJournal journal, int count) {
        List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(send(journal, Integer.toString(i)));
        }
        return answers;
    }

    private CompletableFuture<AppendResult> send(ClusterJournal journal, String value) {
        return send(journal, value, AppendOptions.DURABLE, cluster.loop());
    }

    private static CompletableFuture<AppendResult> send(
            ClusterJournal journal, String value, AppendOptions options, Loop loop) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        journal.append(JournalHarness.ORDERS, Batches.of(value), options, loop, answer::complete);
        return answer;
    }

    private static AppendOptions impatient() {
        return new AppendOptions(Acks.ALL, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 200);
    }

    private static List<Long> offsets(List<CompletableFuture<AppendResult>> answers) throws Exception {
        List<Long> offsets = new ArrayList<>();
        for (CompletableFuture<AppendResult> answer : answers) {
            offsets.add(get(answer).baseOffset());
        }
        return offsets;
    }

    private static AppendResult get(CompletableFuture<AppendResult> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    /** All, from the start, piece by piece. */
    private static List<String> read(ClusterJournal journal) throws IOException {
        List<String> records = new ArrayList<>();
        ReadResult result = journal.read(JournalHarness.ORDERS, 0, 1 << 20, true, Isolation.READ_COMMITTED);
        try (LogSlice slice = result.slice()) {
            ByteBuf bytes = slice.toBuffer();
            records.addAll(Batches.read(bytes));
            bytes.release();
        }
        return records;
    }
}
