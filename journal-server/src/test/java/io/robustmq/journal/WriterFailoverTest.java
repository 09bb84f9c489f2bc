package io.robustmq.journal;

import static io.robustmq.journal.ReplicatedJournals.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.NodeLink.Call;
import io.robustmq.core.port.ReadResult;
import io.robustmq.journal.remote.ClusterJournal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A node's own appends when their leader is deposed and does not answer, or late. What is held in here is never answered as lost: an
 * answer that does not come otherwise fails the test.
 */
class WriterFailoverTest {
    private static final AppendOptions UNAWAITED =
            new AppendOptions(Acks.LEADER, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 30_000);

    private static final AppendOptions IMPATIENT =
            new AppendOptions(Acks.ALL, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 0);

    private ReplicatedJournals cluster;
    private ClusterJournal two;

    @BeforeEach
    void start() throws Exception {
        cluster = new ReplicatedJournals(3, Map.of("journal.replica.lag.ms", "10000"), Map.of());
        two = cluster.clusterJournal(2);
    }

    @AfterEach
    void close() throws IOException {
        List.of(1, 2, 3).forEach(cluster::release);
        cluster.close();
    }

    @Test
    void whatALeaderThatStandsStillDoesNotAnswerGoesToTheNext() throws Exception {
        get(send("0"));
        standStill(1);
        List<CompletableFuture<AppendResult>> answers = send(1, 20);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.lead(3, 2, 3);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 20));
        cluster.release(1);
        assertThat(get(send("21")).baseOffset()).isEqualTo(21);
        assertThat(read(3)).isEqualTo(values(22));
    }

    /** As a node's batches of an unknown producer begin at 0, and these do. */
    @Test
    void theVeryFirstGoToTheNextToo() throws Exception {
        cluster.hold(1, Call.APPEND);
        List<CompletableFuture<AppendResult>> answers = send(0, 10);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.lead(3, 1, 2, 3);
        assertThat(offsets(answers)).isEqualTo(offsets(0, 10));
        cluster.release(1);
        get(send("10"));
        assertThat(read(3)).isEqualTo(values(11));
    }

    @Test
    void whatTheLastLeaderHadReplicatedIsThereOnce() throws Exception {
        get(send("0"));
        cluster.holdAnswers(1, Call.APPEND);
        List<CompletableFuture<AppendResult>> answers = send(1, 10);
        until(() -> cluster.end(3) == 6);
        cluster.lead(3, 1, 2, 3);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 10));
        cluster.release(1);
        get(send("11"));
        assertThat(read(3)).isEqualTo(values(12));
    }

    /** The new leader is asked, and has not answered, when the last one says that he did not take it. */
    @Test
    void aRefusalOfTheLastLeaderThatComesLateIsNotHeard() throws Exception {
        get(send("0"));
        cluster.hold(1, Call.APPEND);
        List<CompletableFuture<AppendResult>> answers = send(1, 10);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.holdAnswers(3, Call.APPEND);
        cluster.lead(3, 1, 2, 3);
        until(() -> cluster.heldAnswers(3) == 5);
        cluster.release(1);
        cluster.lead(3, 1, 2, 3);
        cluster.release(3);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 10));
        assertThat(read(3)).isEqualTo(values(11));
    }

    @Test
    void twoChangesOneAfterTheOtherLeadToTheLastOfThem() throws Exception {
        get(send("0"));
        standStill(1);
        List<CompletableFuture<AppendResult>> answers = send(1, 10);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.hold(3, Call.APPEND);
        cluster.lead(3, 2, 3);
        cluster.lead(2, 2, 3);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 10));
        cluster.release(1);
        cluster.release(3);
        get(send("11"));
        assertThat(read(2)).isEqualTo(values(12));
    }

    @Test
    void theSameNodeIsAskedAgainWhenItLeadsInANewerEpoch() throws Exception {
        get(send("0"));
        cluster.holdAnswers(1, Call.APPEND);
        List<CompletableFuture<AppendResult>> answers = send(1, 5);
        until(() -> cluster.heldAnswers(1) == 5);
        cluster.lead(1, 1, 2, 3);
        until(() -> cluster.heldAnswers(1) == 10);
        cluster.release(1);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 5));
        assertThat(read(1)).isEqualTo(values(6));
    }

    @Test
    void nobodyIsAskedWhileNobodyLeads() throws Exception {
        get(send("0"));
        standStill(1);
        List<CompletableFuture<AppendResult>> answers = send(1, 5);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.lead(PartitionImage.NO_LEADER, 2, 3);
        cluster.lead(3, 2, 3);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 5));
    }

    /** The first may be in the log, so that it must not have another number, although one behind it was refused for good. */
    @Test
    void whatIsBeforeOneThatIsRefusedKeepsItsNumberUntilItIsKnown() throws Exception {
        cluster.hold(1, Call.FETCH);
        CompletableFuture<AppendResult> first = send("0");
        CompletableFuture<AppendResult> broken = new CompletableFuture<>();
        ByteBuf damaged = Batches.withAttributes(Batches.of("damaged"), 0x07);
        two.append(JournalHarness.ORDERS, damaged, AppendOptions.DURABLE, cluster.loop(), broken::complete);
        CompletableFuture<AppendResult> last = send("1");
        assertThat(get(broken).succeeded()).isFalse();
        assertThat(first).isNotDone();
        cluster.lead(1, 1, 2, 3);
        cluster.lead(1, 1, 2, 3);
        cluster.release(1);
        assertThat(get(first).baseOffset()).isZero();
        assertThat(get(last).baseOffset()).isEqualTo(1);
        assertThat(read(1)).isEqualTo(values(2));
    }

    @Test
    void whatIsGivenUpWhenTheLeaderChangesTakesAlongWhatIsBehind() throws Exception {
        get(send("0"));
        standStill(1);
        CompletableFuture<AppendResult> first = send("first", IMPATIENT);
        List<CompletableFuture<AppendResult>> behind = send(1, 10);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.lead(3, 2, 3);
        assertThat(get(first).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        for (CompletableFuture<AppendResult> each : behind) {
            assertThat(get(each).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        }
        cluster.release(1);
        AppendResult again = get(send("1"));
        while (again.error() == BrokerError.REQUEST_TIMED_OUT) {
            again = get(send("1"));
        }
        assertThat(again.baseOffset()).isEqualTo(1);
        assertThat(read(3)).isEqualTo(values(2));
    }

    @Test
    void whatNobodyWaitsForHoldsUpNobodyForLong() throws Exception {
        get(send("0"));
        standStill(1);
        List<CompletableFuture<AppendResult>> unawaited = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            unawaited.add(send("lost", UNAWAITED));
        }
        List<CompletableFuture<AppendResult>> answers = send(1, 5);
        until(() -> cluster.heldAppends(1) == 5);
        cluster.lead(3, 2, 3);
        assertThat(offsets(answers)).isEqualTo(offsets(1, 5));
        for (CompletableFuture<AppendResult> each : unawaited) {
            assertThat(get(each).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        }
    }

    /** A leader that hands over says of what comes late that it was not taken. */
    @Test
    void whatNobodyWaitsForIsNotLostWhenTheLastLeaderSaysThatItWasNotTaken() throws Exception {
        get(send("0"));
        cluster.hold(1, Call.APPEND);
        CompletableFuture<AppendResult> unawaited = send("1", UNAWAITED);
        until(() -> cluster.heldAppends(1) == 1);
        cluster.lead(3, 1, 2, 3);
        cluster.release(1);
        assertThat(get(unawaited).baseOffset()).isEqualTo(1);
    }

    @Test
    void aSessionsNextHomeWaitsNoLongerThanForTheNextLeader() throws Exception {
        get(send("0"));
        standStill(1);
        CompletableFuture<AppendResult> late = send("1");
        until(() -> cluster.heldAppends(1) == 1);
        CompletableFuture<Boolean> settled = new CompletableFuture<>();
        cluster.clusterJournal(3)
                .settledWrites(JournalHarness.ORDERS, cluster.loop(), () -> settled.complete(late.isDone()));
        cluster.lead(3, 2, 3);
        cluster.fence(1);
        assertThat(settled.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(get(late).baseOffset()).isEqualTo(1);
    }

    /** It may hear only now that it is no home any more to who published. */
    @Test
    void whoIsBehindWithTheMetadataSaysThatNothingIsUnderWayWhenItHasCaughtUp() throws Exception {
        get(send("0"));
        cluster.ignoreMetadata(2);
        cluster.lead(1, 1, 2, 3);
        CompletableFuture<Void> settled = new CompletableFuture<>();
        cluster.holdAnswers(2, Call.APPEND);
        cluster.clusterJournal(3).settledWrites(JournalHarness.ORDERS, cluster.loop(), () -> settled.complete(null));
        cluster.heedMetadata(2);
        until(() -> cluster.heldAnswers(2) == 1);
        assertThat(settled).isNotDone();
        cluster.release(2);
        settled.get(20, TimeUnit.SECONDS);
    }

    /** It is still on its way to the last leader, who leads again when it arrives. */
    @Test
    void whatWasGivenUpAndNotFoundDoesNotComeLate() throws Exception {
        get(send("0"));
        lingers(1);
        cluster.lead(3, 1, 2, 3);
        settle(2);
        assertThat(read(3)).isEqualTo(values(1));
        cluster.lead(1, 1, 2, 3);
        cluster.release(1);
        assertThat(get(send("1")).succeeded()).isTrue();
        assertThat(messages(1)).containsExactly("0", "1");
    }

    /** As the next home of a session that is handed over. */
    @Test
    void whatAnotherNodeGaveUpDoesNotComeLateEither() throws Exception {
        get(send("0"));
        lingers(1);
        cluster.lead(3, 1, 2, 3);
        settle(3);
        assertThat(read(3)).isEqualTo(values(1));
        cluster.lead(1, 1, 2, 3);
        cluster.release(1);
        CompletableFuture<AppendResult> again = new CompletableFuture<>();
        cluster.clusterJournal(3)
                .append(JournalHarness.ORDERS, Batches.of("1"), AppendOptions.DURABLE, cluster.loop(), again::complete);
        assertThat(get(again).succeeded()).isTrue();
        assertThat(messages(1)).containsExactly("0", "1");
    }

    @Test
    void nobodyLooksBeforeThereIsALeaderThatKeepsOutWhatComesLate() throws Exception {
        get(send("0"));
        lingers(1);
        cluster.lead(PartitionImage.NO_LEADER, 1, 2, 3);
        CompletableFuture<Void> settled = settling(2);
        CompletableFuture<Boolean> early = new CompletableFuture<>();
        cluster.loop().schedule(300, () -> early.complete(settled.isDone()));
        assertThat(early.get(9, TimeUnit.SECONDS)).isFalse();
        cluster.lead(3, 1, 2, 3);
        settled.get(9, TimeUnit.SECONDS);
        assertThat(cluster.end(3)).isEqualTo(2);
        settle(2);
        assertThat(cluster.end(3)).as("what is fenced stays so").isEqualTo(2);
    }

    /** A message that node 2 gives up, while the request is on its way to {@code leader}. */
    private void lingers(int leader) throws Exception {
        cluster.hold(leader, Call.APPEND);
        CompletableFuture<AppendResult> lost = send("1", IMPATIENT);
        until(() -> cluster.heldAppends(leader) == 1);
        cluster.lead(PartitionImage.NO_LEADER, 1, 2, 3);
        assertThat(get(lost).error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
        cluster.holdNoMore(leader);
    }

    private void settle(int node) throws Exception {
        settling(node).get(9, TimeUnit.SECONDS);
    }

    private CompletableFuture<Void> settling(int node) {
        CompletableFuture<Void> settled = new CompletableFuture<>();
        cluster.clusterJournal(node).settledWrites(JournalHarness.ORDERS, cluster.loop(), () -> settled.complete(null));
        return settled;
    }

    /** What the values say, without markers, which have no message. */
    private List<String> messages(int node) throws Exception {
        return read(node).stream()
                .map(each -> each.substring(each.indexOf('=') + 1))
                .toList();
    }

    private void standStill(int node) {
        cluster.hold(node, Call.values());
        cluster.ignoreMetadata(node);
    }

    private List<CompletableFuture<AppendResult>> send(int first, int count) {
        List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(send(Integer.toString(first + i)));
        }
        return answers;
    }

    private CompletableFuture<AppendResult> send(String value) {
        return send(value, AppendOptions.DURABLE);
    }

    private CompletableFuture<AppendResult> send(String value, AppendOptions options) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        two.append(JournalHarness.ORDERS, Batches.of(value), options, cluster.loop(), answer::complete);
        return answer;
    }

    private static AppendResult get(CompletableFuture<AppendResult> answer) throws Exception {
        return answer.get(9, TimeUnit.SECONDS);
    }

    private static List<Long> offsets(List<CompletableFuture<AppendResult>> answers) throws Exception {
        List<Long> offsets = new ArrayList<>();
        for (CompletableFuture<AppendResult> answer : answers) {
            offsets.add(get(answer).baseOffset());
        }
        return offsets;
    }

    private static List<Long> offsets(long first, int count) {
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            offsets.add(first + i);
        }
        return offsets;
    }

    private static List<String> values(int count) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(i + "=" + i);
        }
        return values;
    }

    /** All that is committed there. */
    private List<String> read(int node) throws Exception {
        CompletableFuture<Long> end = new CompletableFuture<>();
        ClusterJournal journal = cluster.clusterJournal(node);
        journal.settledEnd(JournalHarness.ORDERS, cluster.loop(), end::complete);
        end.get(9, TimeUnit.SECONDS);
        ReadResult result = journal.read(JournalHarness.ORDERS, 0, 1 << 20, true, Isolation.READ_COMMITTED);
        try (LogSlice slice = result.slice()) {
            ByteBuf bytes = slice.toBuffer();
            List<String> records = Batches.read(bytes);
            bytes.release();
            return records;
        }
    }
}
