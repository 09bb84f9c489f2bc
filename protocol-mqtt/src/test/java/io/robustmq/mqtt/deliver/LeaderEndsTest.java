package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaderEndsTest {
    private static final Partition SILENT = new Partition(new TopicId(1, 1), 0);
    private static final Partition OTHER = new Partition(new TopicId(1, 1), 1);

    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal all = new InMemoryJournal(1);
    private final AwayJournal journal = new AwayJournal(all);
    private final LeaderEnds ends = new LeaderEnds(journal, loop, partition -> false);
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void lead() {
        all.lead(SILENT, 1, true);
        all.lead(OTHER, 1, true);
        journal.away.addAll(Set.of(SILENT, OTHER));
        journal.silent.add(SILENT);
    }

    /** What is published first is to be appended first. */
    @Test
    void whoAskedEarlierIsToldEarlier() {
        ask("first", SILENT);
        loop.advance(20);
        ask("second", SILENT);
        journal.silent.clear();
        loop.advance(200);
        assertThat(told).containsExactly("first", "second");
        assertThat(ends.isIdle()).isTrue();
    }

    @Test
    void nobodyWaitsForALeaderThatHeDoesNotAsk() {
        ask("silent", SILENT);
        ask("other", OTHER);
        loop.advance(200);
        assertThat(told).containsExactly("other");
        assertThat(ends.isIdle()).isFalse();
    }

    @Test
    void whatALeaderSaysServesWhoWaitsForItAtOnceAndAgain() {
        journal.dying.add(SILENT);
        ask("silent", SILENT);
        ask("other", OTHER);
        ends.ask(List.of(SILENT, OTHER), state -> true, states -> told.add("both"));
        loop.advance(10);
        assertThat(told).containsExactly("other");
        ask("later", OTHER);
        loop.advance(10);
        assertThat(told).containsExactly("other", "later");
        journal.dying.clear();
        journal.silent.clear();
        loop.advance(2_000);
        assertThat(told).containsExactly("other", "later", "silent", "both");
        assertThat(ends.isIdle()).isTrue();
    }

    @Test
    void whoComesWhileALeaderIsAskedIsToldWhatItSaysNext() {
        ask("first", OTHER);
        loop.advance(1);
        ask("second", OTHER);
        loop.advance(2);
        assertThat(told).containsExactly("first");
        loop.advance(3);
        assertThat(told).containsExactly("first", "second");
        assertThat(journal.questions).isEqualTo(2);
    }

    @Test
    void whatIsWantedInOneTurnIsAskedTogetherAndNothingOfWhoGaveUp() {
        ask("silent", SILENT).cancel();
        loop.run();
        assertThat(journal.questions).isZero();
        journal.silent.clear();
        ask("one", SILENT);
        ask("other", OTHER);
        loop.advance(200);
        assertThat(told).containsExactlyInAnyOrder("one", "other");
        assertThat(journal.questions).isEqualTo(1);
    }

    /** Where a message would be looked for is behind all that was acknowledged. */
    @Test
    void aReplicaThatFollowsIsNotAsked() {
        assertThat(ends.ledHere(OTHER)).isNull();
        journal.away.remove(OTHER);
        assertThat(ends.ledHere(OTHER)).isNotNull();
        journal.followed.add(OTHER);
        assertThat(ends.ledHere(OTHER)).isNull();
        journal.followed.clear();
        ask("waits", OTHER);
        assertThat(ends.ledHere(OTHER)).as("in its order").isNull();
        journal.away.clear();
        assertThat(ends.ledHere(SILENT)).as("nobody waits for it").isNotNull();
    }

    @Test
    void whoGaveUpIsToldNothingAndHoldsNobodyUp() {
        ask("patient", SILENT);
        ask("impatient", SILENT).cancel();
        journal.silent.clear();
        loop.advance(200);
        assertThat(told).containsExactly("patient");
        assertThat(ends.isIdle()).isTrue();
    }

    /** It took over, and does not know yet all that was acknowledged before. */
    @Test
    void aLeaderThatTakesOverIsAskedAgain() {
        all.lead(OTHER, 2, false);
        ends.ask(List.of(OTHER), PartitionState::leader, states -> told.add("known"));
        loop.advance(200);
        assertThat(told).isEmpty();
        all.lead(OTHER, 2, true);
        loop.advance(200);
        assertThat(told).containsExactly("known");
    }

    private Cancellable ask(String name, Partition partition) {
        return ends.ask(List.of(partition), state -> true, states -> {
            assertThat(states).containsOnlyKeys(partition);
            told.add(name);
        });
    }
}
