package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WriterFenceTest {
    private static final Partition PARTITION = new Partition(new TopicId(7, 9), 0);

    private final SimLoop loop = new SimLoop();
    /** Who waits for the answer to each marker that was handed over. */
    private final ArrayDeque<Consumer<AppendResult>> markers = new ArrayDeque<>();

    private final List<String> looks = new ArrayList<>();
    private boolean isGone;
    private final WriterFence fence = new WriterFence(PARTITION, loop, markers::add, () -> isGone);

    @Test
    void whereNothingLingersNobodyWaits() {
        look("at once");
        fence.givenUp(0);
        fence.stored(1);
        look("after newer numbers were stored");
        assertThat(looks).containsExactly("at once", "after newer numbers were stored");
        assertThat(markers).isEmpty();
    }

    @Test
    void whatWasStoredWithTheSameNumbersKeepsNothingOut() {
        fence.givenUp(3);
        fence.stored(3);
        look("waits");
        assertThat(looks).isEmpty();
        assertThat(markers).hasSize(1);
    }

    @Test
    void allWaitForOneMarker() {
        fence.givenUp(0);
        look("a");
        look("b");
        assertThat(markers).hasSize(1);
        stored(1);
        assertThat(looks).containsExactly("a", "b");
        look("c");
        assertThat(looks).endsWith("c");
        assertThat(markers).isEmpty();
    }

    @Test
    void oneThatIsGivenUpIsTriedAgainUntilItIsStored() {
        fence.givenUp(0);
        look("late");
        for (int i = 0; i < 10; i++) {
            refuse(i % 2 == 0 ? BrokerError.REQUEST_TIMED_OUT : BrokerError.LEADER_NOT_AVAILABLE);
            assertThat(markers).as("not at once").isEmpty();
            loop.advance(500);
            assertThat(markers).hasSize(1);
        }
        assertThat(looks).isEmpty();
        stored(1);
        assertThat(looks).containsExactly("late");
        loop.advance(5_000);
        assertThat(markers).isEmpty();
    }

    @Test
    void anyWriteWithNewerNumbersLetsGoWhoWaits() {
        fence.givenUp(0);
        look("a");
        refuse(BrokerError.REQUEST_TIMED_OUT);
        fence.stored(1);
        assertThat(looks).containsExactly("a");
        loop.advance(5_000);
        assertThat(markers).isEmpty();
        fence.givenUp(1);
        look("b");
        assertThat(markers).hasSize(1);
    }

    @Test
    void whatIsGivenUpWhileAMarkerIsUnderWayIsFencedByAnother() {
        fence.givenUp(0);
        look("a");
        fence.givenUp(1);
        stored(1);
        assertThat(looks).isEmpty();
        stored(2);
        assertThat(looks).containsExactly("a");
    }

    @Test
    void whoWaitsGoesWithTheTopic() {
        fence.givenUp(0);
        look("a");
        isGone = true;
        refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(looks).containsExactly("a");
    }

    @Test
    void aLeaderThatTakesNoMarkersIsTriedAgainWithTheNextLookOnly() {
        fence.givenUp(0);
        look("a");
        refuse(BrokerError.INVALID_RECORD);
        assertThat(looks).containsExactly("a");
        loop.advance(5_000);
        assertThat(markers).isEmpty();
        look("b");
        stored(1);
        assertThat(looks).containsExactly("a", "b");
    }

    @Test
    void whoDoesNotWaitAnyMoreKeepsNoMarkerGoing() {
        fence.givenUp(0);
        Runnable task = () -> looks.add("forgotten");
        fence.whenUp(task);
        fence.forget(task);
        refuse(BrokerError.REQUEST_TIMED_OUT);
        loop.advance(5_000);
        assertThat(markers).isEmpty();
        look("a");
        stored(1);
        assertThat(looks).containsExactly("a");
    }

    private void look(String name) {
        fence.whenUp(() -> looks.add(name));
    }

    /** As a writer does. */
    private void stored(long generation) {
        fence.stored(generation);
        markers.remove().accept(AppendResult.appended(0, -1, 0));
    }

    private void refuse(BrokerError error) {
        markers.remove().accept(AppendResult.refused(error));
    }
}
