package io.robustmq.core.group;

import static io.robustmq.core.group.GroupFixture.GROUP;
import static io.robustmq.core.group.GroupFixture.TOPIC_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupCommand.EndOffsets;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.ForgetTopics;
import io.robustmq.core.group.GroupCommand.GiveUpVerification;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetPending;
import io.robustmq.core.group.GroupFact.PendingDropped;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupReply.Fetched;
import io.robustmq.core.group.GroupReply.FetchedOffset;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.NeedsVerification;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.group.GroupReply.UnstableOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TxnOffsetsTest {
    private static final long WEEK_MS = 7 * 86_400_000L;
    private static final Membership NOBODY = new Membership(-1, "", null);

    private final GroupFixture groups = new GroupFixture();

    @Test
    void firstCommitOfATransactionIsVerifiedAndLaterOnesAreNot() {
        Answer first = commit(1, 0, -1, 42);
        long token = ((NeedsVerification) first.reply).token();
        assertThat(groups.log).isEmpty();
        assertThat(commit(1, 0, token, 42).reply).isEqualTo(new Outcomes(List.of(BrokerError.NONE)));
        assertThat(groups.log).containsExactly(new OffsetPending(GROUP, 1, (short) 0, "t", 0, offset(42)));
        assertThat(commit(1, 0, -1, 43).reply).isEqualTo(new Outcomes(List.of(BrokerError.NONE)));
        assertThat(commit(1, 0, token, 44).reply).as("used").isEqualTo(new Done(BrokerError.COORDINATOR_LOADING));
    }

    @Test
    void pendingOffsetIsSeenWhenTheTransactionCommits() {
        groups.commit(-1, "", 1);
        pend(1, 0, 42);
        assertThat(stable())
                .isEqualTo(
                        new Fetched(List.of(new FetchedOffset("t", 0, offset(1))), Set.of(new UnstableOffset("t", 0))));
        assertThat(groups.fetch())
                .as("who does not ask")
                .isEqualTo(new Fetched(List.of(new FetchedOffset("t", 0, offset(1)))));
        assertThat(end(1, 0, true)).isEqualTo(BrokerError.NONE);
        assertThat(groups.log)
                .endsWith(new OffsetCommitted(GROUP, "t", 0, offset(42)), new PendingDropped(GROUP, 1, "t", 0));
        assertThat(stable()).isEqualTo(new Fetched(List.of(new FetchedOffset("t", 0, offset(42)))));
    }

    @Test
    void pendingOffsetIsGoneWhenTheTransactionAborts() {
        pend(1, 0, 42);
        assertThat(end(1, 1, false)).isEqualTo(BrokerError.NONE);
        assertThat(groups.log).endsWith(new PendingDropped(GROUP, 1, "t", 0));
        assertThat(stable()).isEqualTo(new Fetched(List.of()));
        assertThat(end(1, 1, false)).as("again").isEqualTo(BrokerError.NONE);
    }

    @Test
    void orderOfTheEndsDecidesNotThatOfTheCommits() {
        pend(1, 0, 10);
        pend(2, 0, 20);
        end(2, 0, true);
        end(1, 0, true);
        assertThat(groups.fetch().offsets().get(0).committed().offset()).isEqualTo(10);
        groups.reload();
        assertThat(groups.fetch().offsets().get(0).committed().offset()).isEqualTo(10);
    }

    @Test
    void transactionThatEndsDuringTheVerificationLeavesNothingPending() {
        long token = ((NeedsVerification) commit(1, 0, -1, 42).reply).token();
        end(1, 0, true);
        assertThat(commit(1, 0, token, 42).reply).isEqualTo(new Done(BrokerError.COORDINATOR_LOADING));
        assertThat(groups.log).isEmpty();
    }

    @Test
    void verificationDoesNotOutliveTheCoordinatorNorARefusal() {
        long token = ((NeedsVerification) commit(1, 0, -1, 42).reply).token();
        groups.reload();
        assertThat(commit(1, 0, token, 42).reply).isEqualTo(new Done(BrokerError.COORDINATOR_LOADING));
        long other = ((NeedsVerification) commit(1, 0, -1, 42).reply).token();
        groups.submit(new GiveUpVerification(1, other));
        assertThat(commit(1, 0, other, 42).reply).isEqualTo(new Done(BrokerError.COORDINATOR_LOADING));
    }

    @Test
    void olderEpochNeitherCommitsNorEnds() {
        pend(1, 5, 42);
        assertThat(commit(1, 4, -1, 43).reply).isEqualTo(new Done(BrokerError.INVALID_PRODUCER_EPOCH));
        assertThat(end(1, 4, false)).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(groups.machine.offsets().transactional.isPending(GROUP, "t", 0))
                .isTrue();
    }

    @Test
    void lateMarkerOfAnEpochCannotEndTheTransactionThatFollows() {
        pend(1, 5, 42);
        Answer answer = new Answer();
        groups.submit(new EndOffsets(answer, 1, (short) 5, true, true));
        assertThat(answer.done()).as("KIP-1228").isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(groups.machine.offsets().transactional.isPending(GROUP, "t", 0))
                .isTrue();
    }

    @Test
    void zombiesAreFencedByGenerationMemberAndInstance() {
        Joined member = groups.stableAlone();
        assertThat(commitAs(new Membership(0, member.memberId(), null)))
                .isEqualTo(new Done(BrokerError.ILLEGAL_GENERATION));
        assertThat(commitAs(new Membership(1, "other", null))).isEqualTo(new Done(BrokerError.UNKNOWN_MEMBER_ID));
        assertThat(commitAs(new Membership(1, member.memberId(), "i")))
                .isEqualTo(new Done(BrokerError.UNKNOWN_MEMBER_ID));
        assertThat(commitAs(new Membership(1, member.memberId(), null))).isInstanceOf(NeedsVerification.class);
        assertThat(commitAs(NOBODY)).as("before version 3").isInstanceOf(NeedsVerification.class);
    }

    @Test
    void commitsAreTakenWhileTheGroupRebalances() {
        Joined member = groups.stableAlone();
        groups.join("");
        groups.join(member.memberId());
        assertThat(groups.group().state).isEqualTo(GroupState.COMPLETING_REBALANCE);
        assertThat(commitAs(new Membership(2, member.memberId(), null))).isInstanceOf(NeedsVerification.class);
    }

    @Test
    void expiryLeavesAGroupAloneThatIsPartOfATransaction() {
        groups.commit(-1, "", 1);
        pend(1, 0, 42);
        groups.advance(WEEK_MS + 1_200_000);
        assertThat(groups.fetch().offsets()).hasSize(1);
        end(1, 0, false);
        groups.advance(1_200_000);
        assertThat(groups.fetch().offsets()).isEmpty();
        assertThat(groups.log).endsWith(new GroupRemoved(GROUP));
    }

    @Test
    void deletedGroupsAndTopicsTakeWhatIsPendingAlong() {
        pend(1, 0, 42);
        groups.submit(new ForgetTopics(Set.of(TOPIC_ID)));
        assertThat(groups.log).endsWith(new PendingDropped(GROUP, 1, "t", 0));
        pend(2, 0, 42);
        Answer deleting = new Answer();
        groups.submit(new DeleteGroup(deleting, GROUP));
        assertThat(groups.log).endsWith(new PendingDropped(GROUP, 2, "t", 0), new GroupRemoved(GROUP));
        end(2, 0, true);
        assertThat(groups.fetch().offsets()).isEmpty();
    }

    @Test
    void anotherCoordinatorKnowsWhatIsPending() {
        pend(1, 3, 42);
        var before = groups.machine.offsets().transactional.copy();
        groups.reload();
        assertThat(groups.machine.offsets().transactional.copy()).isEqualTo(before);
        assertThat(commit(1, 3, -1, 43).reply).isEqualTo(new Outcomes(List.of(BrokerError.NONE)));
        end(1, 4, true);
        assertThat(groups.fetch().offsets().get(0).committed().offset()).isEqualTo(43);
    }

    private GroupReply commitAs(Membership member) {
        Answer answer = new Answer();
        groups.submit(new CommitTxnOffsets(answer, GROUP, 9, (short) 0, member, -1, wanted(1)));
        return answer.reply;
    }

    private Answer commit(long producerId, int epoch, long token, long offset) {
        Answer answer = new Answer();
        groups.submit(new CommitTxnOffsets(answer, GROUP, producerId, (short) epoch, NOBODY, token, wanted(offset)));
        return answer;
    }

    private void pend(long producerId, int epoch, long offset) {
        long token = ((NeedsVerification) commit(producerId, epoch, -1, offset).reply).token();
        assertThat(commit(producerId, epoch, token, offset).reply).isInstanceOf(Outcomes.class);
    }

    private BrokerError end(long producerId, int epoch, boolean commits) {
        Answer answer = new Answer();
        groups.submit(new EndOffsets(answer, producerId, (short) epoch, commits, false));
        return answer.done();
    }

    private Fetched stable() {
        Answer answer = new Answer();
        groups.submit(new FetchOffsets(answer, GROUP, null, true));
        return (Fetched) answer.reply;
    }

    private static List<OffsetToCommit> wanted(long offset) {
        return List.of(new OffsetToCommit("t", TOPIC_ID, 0, offset, 5, ""));
    }

    private CommittedOffset offset(long offset) {
        return new CommittedOffset(offset, 5, "", groups.nowMs, -1, TOPIC_ID);
    }
}
