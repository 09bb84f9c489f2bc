package io.robustmq.journal;

import static io.robustmq.journal.ReplicatedJournals.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.journal.replica.Fetches;
import io.robustmq.journal.shard.FetchPosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicationTest {
    private static final AppendOptions AT_LEADER =
            new AppendOptions(Acks.LEADER, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 30_000);

    private ReplicatedJournals cluster;

    @AfterEach
    void close() throws IOException {
        cluster.close();
    }

    @Test
    void whatIsAcknowledgedIsInEveryReplicaInSync() throws Exception {
        start(3, "10000", Map.of());
        for (int i = 0; i < 20; i++) {
            assertThat(cluster.append(1, "v" + i).baseOffset()).isEqualTo(i);
            assertThat(cluster.end(2)).isGreaterThan(i);
            assertThat(cluster.end(3)).isGreaterThan(i);
        }
        assertThat(records(1)).hasSize(20);
        assertThat(state(2).leader()).isFalse();
        until(() -> state(2).highWatermark() == 20 && state(3).highWatermark() == 20);
    }

    @Test
    void aSilentFollowerHoldsAcknowledgementsBackUntilItIsNotInSyncAnyMore() throws Exception {
        start(3, "300", Map.of());
        cluster.append(1, "before");
        cluster.cutOff(3);
        assertThat(cluster.append(1, "after").succeeded()).isTrue();
        assertThat(cluster.partition().isr()).containsExactly(1, 2);
        assertThat(cluster.end(3)).isEqualTo(1);
        cluster.reconnect(3);
        until(() -> cluster.partition().isr().equals(List.of(1, 2, 3)));
        assertThat(cluster.end(3)).isEqualTo(2);
    }

    @Test
    void acksOfTheLeaderAloneDoNotWait() throws Exception {
        start(2, "10000", Map.of());
        cluster.append(1, "before");
        cluster.cutOff(2);
        AppendResult result = cluster.send(1, AT_LEADER, "alone").get(10, TimeUnit.SECONDS);
        assertThat(result.succeeded()).isTrue();
        assertThat(records(1)).containsExactly("0=before");
    }

    @Test
    void whoMayHaveBeenTakenForDeadAcknowledgesNothingByItself() throws Exception {
        start(2, "10000", Map.of());
        cluster.journals.get(1).leased(System.nanoTime() - 1);
        AppendResult alone = cluster.send(1, AT_LEADER, "alone").get(10, TimeUnit.SECONDS);
        assertThat(alone.error()).isEqualTo(BrokerError.NOT_LEADER);
        assertThat(cluster.append(1, "by all in sync").baseOffset()).isZero();
    }

    @Test
    void tooFewInSyncIsRefusedBeforeTheAppendAndToldAfterIt() throws Exception {
        start(2, "2000", Map.of("min.insync.replicas", "2"));
        assertThat(cluster.append(1, "before").error()).isEqualTo(BrokerError.NONE);
        cluster.cutOff(2);
        assertThat(cluster.append(1, "during").error()).isEqualTo(BrokerError.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        assertThat(cluster.append(1, "after").error()).isEqualTo(BrokerError.NOT_ENOUGH_REPLICAS);
        assertThat(cluster.send(1, AT_LEADER, "meanwhile")
                        .get(10, TimeUnit.SECONDS)
                        .succeeded())
                .isTrue();
        // Nobody is told what a replica that left, and may lead, has not got.
        assertThat(records(1)).containsExactly("0=before");
        cluster.reconnect(2);
        until(() -> state(1).highWatermark() == 3);
        assertThat(records(1)).containsExactly("0=before", "1=during", "2=meanwhile");
        assertThat(cluster.append(1, "again").baseOffset()).isEqualTo(3);
    }

    @Test
    void aDeposedLeaderCutsOffWhatNobodyElseHasAndTakesWhatTheOthersWrote() throws Exception {
        start(3, "10000", Map.of());
        cluster.append(1, "both");
        cluster.cutOff(1);
        CompletableFuture<AppendResult> lost = cluster.send(1, AppendOptions.DURABLE, "lost", "lost too");
        until(() -> cluster.end(1) == 3);
        cluster.lead(2, 2, 3);
        assertThat(cluster.append(2, "new").baseOffset()).isEqualTo(1);
        assertThat(records(2)).containsExactly("0=both", "1=new");
        cluster.reconnect(1);
        assertThat(lost.get(10, TimeUnit.SECONDS).error()).isEqualTo(BrokerError.NOT_LEADER);
        until(() -> cluster.partition().isr().equals(List.of(1, 2, 3)));
        cluster.append(2, "all");
        cluster.lead(1, 1, 2, 3);
        until(() -> state(1).leader());
        assertThat(records(1)).containsExactly("0=both", "1=new", "2=all");
        assertThat(cluster.append(1, "again").baseOffset()).isEqualTo(3);
    }

    @Test
    void aLogThatWasNotCutOffForWantOfRoomIsWhenThereIsSome() throws Exception {
        start(3, "10000", Map.of());
        cluster.cutOff(1);
        var lost = cluster.send(1, AppendOptions.DURABLE, "lost", "lost too");
        until(() -> cluster.end(1) == 2);
        cluster.lead(2, 2, 3);
        cluster.append(2, "new");
        cluster.faults.roomForSideFiles(1, false);
        cluster.reconnect(1);
        until(() -> cluster.send(1, AppendOptions.DURABLE, "nowhere").join().error() == BrokerError.STORAGE_ERROR);
        cluster.append(2, "more");
        assertThat(cluster.partition().isr()).containsExactly(2, 3);
        assertThat(lost.get(10, TimeUnit.SECONDS).succeeded()).isFalse();
        cluster.faults.roomForSideFiles(1, true);
        until(() -> cluster.partition().isr().equals(List.of(1, 2, 3)));
        cluster.lead(1, 1, 2, 3);
        until(() -> state(1).leader());
        assertThat(records(1)).containsExactly("0=new", "1=more");
        assertThat(cluster.append(1, "again").baseOffset()).isEqualTo(2);
    }

    /** A cut waits for a flush that is under way. */
    @Test
    void whatOneLeaderWantsCutOffIsNotWhenAnotherOneLeadsByThen() throws Exception {
        start(3, "10000", Map.of("flush.messages", "1"));
        cluster.append(1, "all");
        cluster.faults.forces(1, false);
        cluster.cutOff(1);
        var mine = cluster.send(1, AppendOptions.DURABLE, "mine");
        until(() -> cluster.end(1) == 2);
        cluster.lead(2, 2, 3);
        assertThat(cluster.append(2, "other").baseOffset()).isEqualTo(1);
        cluster.reconnect(1);
        assertThat(mine.get(10, TimeUnit.SECONDS).error()).isEqualTo(BrokerError.NOT_LEADER);
        int before = cluster.fetches(1);
        until(() -> cluster.fetches(1) > before + 3);
        cluster.lead(1, 1, 2, 3);
        var kept = cluster.send(1, AppendOptions.DURABLE, "kept");
        until(() -> cluster.end(1) == 3);
        cluster.faults.forces(1, true);
        assertThat(kept.get(10, TimeUnit.SECONDS).baseOffset()).isEqualTo(2);
        assertThat(records(1)).containsExactly("0=all", "1=mine", "2=kept");
    }

    @Test
    void whatAFollowerSaidBeforeTheNextLeaderKnewThatItLeadsCounts() throws Exception {
        start(3, "60000", Map.of());
        cluster.cutOff(3);
        cluster.send(1, AT_LEADER, "uncommitted").get(10, TimeUnit.SECONDS);
        until(() -> cluster.end(2) == 1);
        assertThat(state(2).highWatermark()).isZero();

        cluster.ignoreMetadata(2);
        cluster.lead(2, 2, 3);
        tell(2, 3, new FetchPosition(1, 1, 0));
        cluster.heedMetadata(2);
        until(() -> state(2).highWatermark() == 1);
    }

    @Test
    void aDiskThatFailsUnderOneReplicaDoesNotKeepTheOthersFromFollowing() throws Exception {
        start(2, "10000", Map.of("flush.messages", "1"));
        cluster.add();
        Partition second = new Partition(JournalHarness.ORDERS_ID, 1);
        cluster.faults.breaks(2, true);
        cluster.send(1, AT_LEADER, "to a disk that fails").get(10, TimeUnit.SECONDS);
        until(() -> isBroken(2));
        cluster.faults.breaks(2, false);

        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        cluster.journals
                .get(1)
                .append(second, Batches.of("beside"), AppendOptions.DURABLE, cluster.loop(), answer::complete);
        assertThat(answer.get(10, TimeUnit.SECONDS).succeeded()).isTrue();
        assertThat(cluster.journals.get(2).state(second).logEndOffset()).isEqualTo(1);
    }

    @Test
    void theEndIsFoundAtTheNextLeaderByWhoLedAndLostItsDisk() throws Exception {
        start(2, "10000", Map.of("flush.messages", "1"));
        cluster.append(1, "before");
        cluster.faults.breaks(1, true);
        cluster.send(1, AT_LEADER, "to a disk that fails").get(10, TimeUnit.SECONDS);
        until(() -> isBroken(1));
        CompletableFuture<Long> end = new CompletableFuture<>();
        cluster.homeJournal(1).settledEnd(JournalHarness.ORDERS, cluster.loop(), end::complete);
        cluster.faults.breaks(1, false);
        cluster.lead(2, 2);
        assertThat(end.get(10, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(1);
    }

    private boolean isBroken(int node) {
        ReadResult result =
                cluster.journals.get(node).read(JournalHarness.ORDERS, 0, 1, true, Isolation.READ_UNCOMMITTED);
        if (result.slice() != null) {
            result.slice().close();
        }
        return result.error() == BrokerError.STORAGE_ERROR;
    }

    @Test
    void aFollowerSaysThatItHasWhatIsOnItsDiskOnly() throws Exception {
        start(2, "10000", Map.of("flush.messages", "1"));
        cluster.append(1, "before");
        cluster.faults.forces(2, false);
        CompletableFuture<AppendResult> answer = cluster.send(1, AppendOptions.DURABLE, "after");
        until(() -> cluster.end(2) == 2);
        assertThat(answer).isNotDone();
        cluster.faults.forces(2, true);
        assertThat(answer.get(10, TimeUnit.SECONDS).succeeded()).isTrue();
    }

    @Test
    void whoHasNoRoomSaysSo() throws Exception {
        cluster = new ReplicatedJournals(2, Map.of("journal.replica.lag.ms", "10000"), Map.of(), 256 << 10);
        until(() -> state(1).leader());
        assertThat(cluster.saysThatItIsFull(1)).isFalse();
        AppendResult result = cluster.append(1, "v".repeat(10_000));
        while (result.succeeded()) {
            result = cluster.append(1, "v".repeat(10_000));
        }
        assertThat(result.error()).isEqualTo(BrokerError.STORAGE_FULL);
        until(() -> cluster.saysThatItIsFull(1));
        assertThat(cluster.saysThatItIsFull(2)).isFalse();
    }

    @Test
    void whoHasRoomAgainIsInSyncAgainWhereNothingIsAppendedToo() throws Exception {
        start(3, "200", Map.of());
        cluster.append(1, "before");
        cluster.room(3, false);
        cluster.lead(1, 1, 2);
        long since = System.nanoTime();
        until(() -> System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(cluster.partition().isr()).containsExactly(1, 2);
        cluster.room(3, true);
        until(() -> cluster.partition().isr().equals(List.of(1, 2, 3)));
    }

    /** The meta service does not answer for longer than a replica may be silent. */
    @Test
    void whoMayNotJoinAtOnceJoinsLaterWhereNothingIsAppendedToo() throws Exception {
        start(3, "200", Map.of());
        cluster.append(1, "before");
        until(() -> cluster.end(3) == 1);
        cluster.grants(false);
        cluster.lead(1, 1, 2);
        long since = System.nanoTime();
        until(() -> System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(cluster.partition().isr()).containsExactly(1, 2);
        cluster.grants(true);
        until(() -> cluster.partition().isr().equals(List.of(1, 2, 3)));
    }

    @Test
    void idempotentProducersAreRememberedByTheNextLeader() throws Exception {
        start(2, "10000", Map.of());
        cluster.append(1, "first");
        assertThat(sendIdempotent(1, 0, "a").baseOffset()).isEqualTo(1);
        cluster.lead(2, 2, 1);
        until(() -> state(2).leader());
        assertThat(sendIdempotent(2, 0, "a").baseOffset()).isEqualTo(1);
        assertThat(sendIdempotent(2, 1, "b").baseOffset()).isEqualTo(2);
        assertThat(records(2)).containsExactly("0=first", "1=a", "2=b");
    }

    /** A client bounds what is in flight by connection: what the last leader owes it an answer for may be older than what others know. */
    @Test
    void whatTheLastLeaderDidNotAnswerIsAcknowledgedByTheNextOneHoweverOldItIs() throws Exception {
        start(2, "10000", Map.of());
        for (int i = 0; i < 3; i++) {
            sendIdempotent(1, i, "v" + i);
        }
        cluster.lead(2, 2, 1);
        until(() -> state(2).leader());
        for (int i = 3; i < 9; i++) {
            assertThat(sendIdempotent(2, i, "v" + i).baseOffset()).isEqualTo(i);
        }
        assertThat(sendIdempotent(2, 2, "v2").error()).isEqualTo(BrokerError.DUPLICATE_SEQUENCE);
        assertThat(records(2)).hasSize(9);
    }

    @Test
    void anOldDuplicateIsNotAcknowledgedBeforeItIsInEveryReplicaInSync() throws Exception {
        start(2, "300", Map.of("min.insync.replicas", "1"));
        sendIdempotent(1, 0, "known to both");
        cluster.grants(false);
        cluster.cutOff(2);
        List<CompletableFuture<AppendResult>> alone = new ArrayList<>();
        for (int i = 1; i < 8; i++) {
            alone.add(laterIdempotent(1, i, "v" + i));
        }
        until(() -> cluster.end(1) == 8);
        CompletableFuture<AppendResult> duplicate = laterIdempotent(1, 2, "v2");
        CompletableFuture<AppendResult> behind = laterIdempotent(1, 9, "gap");
        assertThat(behind.get(10, TimeUnit.SECONDS).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(duplicate).isNotDone();
        cluster.reconnect(2);
        assertThat(duplicate.get(10, TimeUnit.SECONDS).error()).isEqualTo(BrokerError.DUPLICATE_SEQUENCE);
        assertThat(alone.get(6).get(10, TimeUnit.SECONDS).baseOffset()).isEqualTo(7);
        cluster.grants(true);
    }

    private AppendResult sendIdempotent(int node, int sequence, String value) throws Exception {
        return laterIdempotent(node, sequence, value).get(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<AppendResult> laterIdempotent(int node, int sequence, String value) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        cluster.journals
                .get(node)
                .append(
                        JournalHarness.ORDERS,
                        Batches.idempotent(7, 0, sequence, value),
                        AppendOptions.DURABLE,
                        cluster.loop(),
                        answer::complete);
        return answer;
    }

    /** As a fetch of the follower would; nothing comes after it. */
    private void tell(int leader, int follower, FetchPosition position) {
        ByteBuf fetch = Fetches.first(follower, 1, JournalHarness.ORDERS, position);
        CompletableFuture<Void> answered = new CompletableFuture<>();
        cluster.loop().execute(() -> cluster.journals
                .get(leader)
                .fetchService()
                .begin(cluster.loop(), follower)
                .onCall(fetch, parts -> {
                    List.of(parts).forEach(ReferenceCountUtil::release);
                    answered.complete(null);
                }));
        answered.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void start(int nodes, String lagMs, Map<String, String> topicConfig) throws Exception {
        cluster = new ReplicatedJournals(nodes, Map.of("journal.replica.lag.ms", lagMs), topicConfig);
        // What is appended while a log is opened may meet the standing from before.
        until(() -> state(1).leader());
    }

    private PartitionState state(int node) {
        PartitionState state = cluster.journals.get(node).state(JournalHarness.ORDERS);
        assertThat(state).isNotNull();
        return state;
    }

    private List<String> records(int node) throws Exception {
        ReadResult result =
                cluster.journals.get(node).read(JournalHarness.ORDERS, 0, 1 << 20, true, Isolation.READ_UNCOMMITTED);
        assertThat(result.error()).isEqualTo(BrokerError.NONE);
        if (result.slice() == null) {
            return List.of();
        }
        ByteBuf bytes = result.slice().toBuffer();
        try {
            return Batches.read(bytes);
        } finally {
            bytes.release();
            result.slice().close();
        }
    }
}
