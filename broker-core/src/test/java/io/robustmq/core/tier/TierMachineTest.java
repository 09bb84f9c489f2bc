package io.robustmq.core.tier;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.tier.TierCommand.Claim;
import io.robustmq.core.tier.TierCommand.Commit;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierCommand.Lead;
import io.robustmq.core.tier.TierCommand.Retire;
import io.robustmq.core.tier.TierEffect.Answer;
import io.robustmq.core.tier.TierEffect.Refuse;
import io.robustmq.core.tier.TierFact.Dropped;
import io.robustmq.core.tier.TierFact.Forgotten;
import io.robustmq.core.tier.TierFact.Led;
import io.robustmq.core.tier.TierFact.Stored;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TierMachineTest {
    private static final Partition PARTITION = new Partition(new TopicId(1, 2), 3);
    private static final long DELAY_MS = 1_000;
    private static final long NOW = 50_000;
    private static final TierRequester ASKING = TierRequester.NOBODY;

    private final TierMachine machine = new TierMachine(0, DELAY_MS);

    @Test
    void leaderIsGivenAllSegmentsAndATermOfItsOwn() {
        assertThat(lead(4)).isEqualTo(new TierManifest(1, List.of()));
        commit(new Claim(4, 1), segment(0, 10));
        assertThat(lead(4)).isEqualTo(new TierManifest(2, List.of(segment(0, 10))));
        assertThat(lead(5)).isEqualTo(new TierManifest(3, List.of(segment(0, 10))));
    }

    @Test
    void olderLeaderMayNotLeadNorCommitNorRetire() {
        lead(4);
        lead(5);
        assertRefused(new Lead(ASKING, PARTITION, 4, 1), BrokerError.FENCED_LEADER_EPOCH);
        assertRefused(new Commit(ASKING, PARTITION, new Claim(4, 1), segment(0, 10)), BrokerError.FENCED_LEADER_EPOCH);
        assertRefused(new Retire(ASKING, PARTITION, new Claim(4, 1), 10), BrokerError.FENCED_LEADER_EPOCH);
    }

    @Test
    void commitOfAnEarlierTermOfTheSameLeaderIsRefused() {
        lead(4);
        lead(4);
        assertRefused(new Commit(ASKING, PARTITION, new Claim(4, 1), segment(0, 10)), BrokerError.FENCED_LEADER_EPOCH);
        assertThat(commit(new Claim(4, 2), segment(0, 10)).facts())
                .containsExactly(new Stored(PARTITION, segment(0, 10), TierFact.NEVER));
    }

    @Test
    void segmentsLeaveNoGapAndDoNotOverlap() {
        lead(0);
        Claim claim = new Claim(0, 1);
        commit(claim, segment(5, 10));
        assertRefused(new Commit(ASKING, PARTITION, claim, segment(11, 20)), BrokerError.INVALID_REQUEST);
        assertRefused(new Commit(ASKING, PARTITION, claim, segment(9, 20)), BrokerError.INVALID_REQUEST);
        assertThat(commit(claim, segment(10, 20)).facts()).hasSize(1);
    }

    @Test
    void sameCommitTwiceIsAnsweredTwiceAndKeptOnce() {
        lead(0);
        commit(new Claim(0, 1), segment(0, 10));
        Decision<TierFact, TierEffect> again = commit(new Claim(0, 1), segment(0, 10));
        assertThat(again.facts()).isEmpty();
        assertThat(again.effects()).containsExactly(new Answer(ASKING, new TierManifest(1, List.of(segment(0, 10)))));
    }

    @Test
    void retiredSegmentsAreDeletedAfterTheDelayAndThenForgotten() {
        lead(0);
        commit(new Claim(0, 1), segment(0, 10));
        commit(new Claim(0, 1), segment(10, 20));
        Decision<TierFact, TierEffect> retired = decide(new Retire(ASKING, PARTITION, new Claim(0, 1), 15));
        assertThat(retired.facts()).containsExactly(new Stored(PARTITION, segment(0, 10), NOW));
        assertThat(segmentsOf(decide(new Describe(ASKING, PARTITION)))).containsExactly(segment(10, 20));
        assertThat(machine.wakeAtMs()).isEqualTo(NOW + DELAY_MS);
        assertThat(machine.decide(new TierCommand.Tick(), NOW + DELAY_MS - 1).effects())
                .isEmpty();
        assertThat(machine.decide(new TierCommand.Tick(), NOW + DELAY_MS).effects())
                .containsExactly(new TierEffect.Delete(PARTITION, List.of(segment(0, 10))));
        assertThat(machine.decide(new TierCommand.Tick(), NOW + 2 * DELAY_MS).effects())
                .isEmpty();
        assertThat(decide(new TierCommand.Removed(PARTITION, List.of(0L))).facts())
                .containsExactly(new Dropped(PARTITION, 0));
    }

    @Test
    void deletionThatFailsIsTriedAgain() {
        lead(0);
        commit(new Claim(0, 1), segment(0, 10));
        decide(new Retire(ASKING, PARTITION, new Claim(0, 1), 10));
        machine.decide(new TierCommand.Tick(), NOW + DELAY_MS);
        machine.decide(new TierCommand.DeletionFailed(PARTITION, List.of(0L)), NOW + DELAY_MS);
        long again = machine.wakeAtMs();
        assertThat(again).isGreaterThan(NOW + DELAY_MS);
        assertThat(machine.decide(new TierCommand.Tick(), again).effects())
                .containsExactly(new TierEffect.Delete(PARTITION, List.of(segment(0, 10))));
    }

    @Test
    void logMayGoOnBehindAGapWhenAllBeforeIsRetired() {
        lead(0);
        commit(new Claim(0, 1), segment(0, 10));
        decide(new Retire(ASKING, PARTITION, new Claim(0, 1), 30));
        assertRefused(new Commit(ASKING, PARTITION, new Claim(0, 1), segment(5, 30)), BrokerError.INVALID_REQUEST);
        assertThat(commit(new Claim(0, 1), segment(30, 40)).facts()).hasSize(1);
    }

    @Test
    void deletedTopicIsClearedAndNobodyCommitsToItAnyMore() {
        lead(0);
        commit(new Claim(0, 1), segment(0, 10));
        decide(new TierCommand.ForgetDeleted(image(99)));
        assertRefused(new Commit(ASKING, PARTITION, new Claim(0, 1), segment(10, 20)), BrokerError.FENCED_LEADER_EPOCH);
        assertRefused(new Lead(ASKING, PARTITION, 9, 120), BrokerError.FENCED_LEADER_EPOCH);
        assertThat(machine.decide(new TierCommand.Tick(), NOW + DELAY_MS).effects())
                .containsExactly(new TierEffect.Clear(PARTITION, 2));
        // An upload may still be under way.
        long again = NOW + TierObjects.UPLOAD_MS_MAX;
        assertThat(decide(new TierCommand.Cleared(PARTITION, 2)).facts())
                .containsExactly(new Dropped(PARTITION, 0), new Led(PARTITION, -2, 3, 7, again));
        assertRefused(new Lead(ASKING, PARTITION, 9, 120), BrokerError.FENCED_LEADER_EPOCH);
        assertThat(decide(new TierCommand.Cleared(PARTITION, 2)).facts())
                .as("it is late")
                .isEmpty();
        assertThat(machine.decide(new TierCommand.Tick(), again + DELAY_MS).effects())
                .containsExactly(new TierEffect.Clear(PARTITION, 3));
        assertThat(decide(new TierCommand.Cleared(PARTITION, 3)).facts()).containsExactly(new Forgotten(PARTITION));
        assertThat(machine.wakeAtMs()).isEqualTo(TierMachine.NEVER);
    }

    @Test
    void topicThatIsTakenBackIsClearedAndMayBeStoredAgainInALaterTerm() {
        lead(0);
        commit(new Claim(0, 1), segment(0, 10));
        assertThat(decide(new TierCommand.ForgetDeleted(image(20, Map.of("remote.storage.enable", "true"))))
                        .facts())
                .isEmpty();
        assertThat(decide(new TierCommand.ForgetDeleted(image(30, Map.of()))).facts())
                .containsExactly(new Led(PARTITION, 0, 2, 30, NOW));
        assertThat(segmentsOf(decide(new Describe(ASKING, PARTITION)))).isEmpty();
        assertRefused(new Commit(ASKING, PARTITION, new Claim(0, 1), segment(10, 20)), BrokerError.FENCED_LEADER_EPOCH);
        assertRefused(new Lead(ASKING, PARTITION, 0, 40), BrokerError.FENCED_LEADER_EPOCH);
        assertThat(machine.decide(new TierCommand.Tick(), NOW + DELAY_MS).effects())
                .containsExactly(new TierEffect.Clear(PARTITION, 2));
        assertThat(decide(new TierCommand.Cleared(PARTITION, 2)).facts())
                .containsExactly(new Dropped(PARTITION, 0), new Led(PARTITION, -1, 2, 30, TierFact.NEVER));
        assertThat(decide(new TierCommand.ForgetDeleted(image(31, Map.of()))).facts())
                .isEmpty();
        assertRefused(new Lead(ASKING, PARTITION, 0, 29), BrokerError.FENCED_LEADER_EPOCH);
        assertThat(decide(new Lead(ASKING, PARTITION, 0, 40)).effects())
                .containsExactly(new Answer(ASKING, new TierManifest(3, List.of())));
        assertRefused(new Commit(ASKING, PARTITION, new Claim(0, 1), segment(10, 20)), BrokerError.FENCED_LEADER_EPOCH);
    }

    @Test
    void topicThatIsTakenBackAndThenDeletedIsForgotten() {
        lead(0);
        decide(new TierCommand.ForgetDeleted(image(30, Map.of())));
        decide(new TierCommand.Cleared(PARTITION, 2));
        decide(new TierCommand.ForgetDeleted(image(40)));
        assertThat(decide(new TierCommand.Cleared(PARTITION, 2)).facts())
                .as("it is late")
                .isEmpty();
        assertThat(decide(new TierCommand.Cleared(PARTITION, 3)).facts())
                .containsExactly(new Led(PARTITION, -2, 4, 30, NOW + TierObjects.UPLOAD_MS_MAX));
        assertThat(decide(new TierCommand.Cleared(PARTITION, 4)).facts()).containsExactly(new Forgotten(PARTITION));
    }

    @Test
    void topicThatAnOlderImageDoesNotHaveYetIsNotForgotten() {
        lead(0);
        assertThat(decide(new TierCommand.ForgetDeleted(image(6))).facts()).isEmpty();
        assertThat(decide(new TierCommand.ForgetDeleted(image(7))).facts())
                .containsExactly(new Led(PARTITION, 0, 2, 7, NOW));
    }

    @Test
    void stateIsTheSameFromTheFactsAsKept() {
        TierFactCodec codec = new TierFactCodec();
        List<TierFact> facts = List.of(
                new Led(PARTITION, 3, 8, 70, TierFact.NEVER),
                new Led(PARTITION, 3, 8, 70, 12),
                new Stored(PARTITION, segment(0, 10), TierFact.NEVER),
                new Stored(PARTITION, segment(0, 10), 77),
                new Dropped(PARTITION, 5),
                new Forgotten(PARTITION));
        for (TierFact fact : facts) {
            assertThat(codec.decode(codec.key(fact), codec.value(fact))).isEqualTo(fact);
        }
        assertThat(codec.key(facts.get(2))).isEqualTo(codec.key(facts.get(3)));
    }

    private static MetaImage image(long index) {
        return new MetaImage(index, "cluster", 1, Map.of(), Map.of(), Map.of(), Map.of(), 0);
    }

    private static MetaImage image(long index, Map<String, String> configs) {
        TopicImage topic = new TopicImage(PARTITION.topicId(), "orders", List.of(), configs);
        return new MetaImage(
                index, "cluster", 1, Map.of("orders", topic), Map.of(topic.id(), topic), Map.of(), Map.of(), 0);
    }

    static TierSegment segment(long base, long end) {
        return new TierSegment(base, end, 100, 1_000, 50, 4, "cluster/topic/3/" + base);
    }

    private TierManifest lead(int epoch) {
        Decision<TierFact, TierEffect> decision = decide(new Lead(ASKING, PARTITION, epoch, 7));
        return ((Answer) decision.effects().get(0)).manifest();
    }

    private Decision<TierFact, TierEffect> commit(Claim claim, TierSegment segment) {
        return decide(new Commit(ASKING, PARTITION, claim, segment));
    }

    private static List<TierSegment> segmentsOf(Decision<TierFact, TierEffect> decision) {
        return ((Answer) decision.effects().get(0)).manifest().segments();
    }

    private void assertRefused(TierCommand command, BrokerError error) {
        Decision<TierFact, TierEffect> decision = decide(command);
        assertThat(decision.facts()).isEmpty();
        assertThat(decision.effects()).containsExactly(new Refuse(ASKING, error));
    }

    private Decision<TierFact, TierEffect> decide(TierCommand command) {
        Decision<TierFact, TierEffect> decision = machine.decide(command, NOW);
        decision.facts().forEach(machine::apply);
        return decision;
    }
}
