package io.robustmq.e2e.nemesis.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Contradicted;
import io.robustmq.e2e.nemesis.history.Event.Created;
import io.robustmq.e2e.nemesis.history.Event.Delivered;
import io.robustmq.e2e.nemesis.history.Event.Ended;
import io.robustmq.e2e.nemesis.history.Event.GivenUp;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Led;
import io.robustmq.e2e.nemesis.history.Event.Listed;
import io.robustmq.e2e.nemesis.history.Event.Outcome;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Read;
import io.robustmq.e2e.nemesis.history.Event.Sent;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories made by hand: one in which all is well, and with each thing in it that must not be. */
class CheckerTest {
    private static final Stream ONCE = Stream.once("s");
    private static final Stream AT_LEAST_ONCE = Stream.atLeastOnce("s");
    private static final Stream TRANSACTIONS = Stream.transactions("s", 2);
    private static final Stream COPY = Stream.copy("copy", "s");

    private final List<Event> history = new ArrayList<>();

    private static Item item(long number) {
        return new Item("w", number);
    }

    private void sent(int count) {
        for (int number = 0; number < count; number++) {
            history.add(new Sent(0, "s", item(number)));
        }
    }

    private void acknowledged(long number, long offset) {
        history.add(new Acknowledged(0, 0, "s", item(number), new Position(0, offset)));
    }

    private void stored(String stream, int partition, long offset, long number) {
        history.add(new Stored(0, stream, new Position(partition, offset), 0, item(number)));
    }

    private void stored(long offset, long number) {
        stored("s", 0, offset, number);
    }

    private void read(String reader, long offset, long number) {
        history.add(new Read(0, "s", reader, new Position(0, offset), 0, item(number)));
    }

    private void delivered(long number) {
        history.add(new Delivered(0, "s", "subscriber", item(number)));
    }

    private List<Kind> found(Stream... streams) {
        return Checker.check(history, List.of(streams)).stream()
                .map(Violation::kind)
                .distinct()
                .toList();
    }

    @Test
    void nothingIsFoundWhereAllIsWell() {
        sent(3);
        acknowledged(0, 0);
        acknowledged(1, 1);
        stored(0, 0);
        stored(1, 1);
        stored(2, 2);
        read("along", 0, 0);
        read("along", 1, 1);
        delivered(0);
        delivered(1);
        delivered(2);
        stored("copy", 0, 0, 0);
        stored("copy", 0, 1, 1);
        stored("copy", 0, 3, 2);
        history.add(new Created(0, 0, "t"));
        history.add(new Listed(0, "t"));
        history.add(new Led(0, 1, "s-0", 1, 1));
        history.add(new Led(0, 2, "s-0", 1, 1));
        history.add(new Led(0, 2, "s-0", 2, 3));
        assertThat(found(ONCE, COPY)).isEmpty();
    }

    @Test
    void whatWasAcknowledgedAndIsNotThereIsLost() {
        sent(1);
        history.add(new Acknowledged(0, 0, "s", item(0), Position.UNKNOWN));
        assertThat(found(AT_LEAST_ONCE)).containsExactly(Kind.LOST);
    }

    @Test
    void whatIsThereTwiceIsOnlyAllowedWhereOnceIsNotPromised() {
        sent(2);
        stored(0, 0);
        stored(1, 1);
        stored(2, 0);
        assertThat(found(ONCE)).contains(Kind.DUPLICATED);
        assertThat(found(AT_LEAST_ONCE)).isEmpty();
    }

    @Test
    void anEarlierNumberBehindALaterOneIsReordered() {
        sent(2);
        stored(0, 1);
        stored(1, 0);
        assertThat(found(AT_LEAST_ONCE)).containsExactly(Kind.REORDERED);
    }

    @Test
    void somethingElseAtAnAcknowledgedOffsetIsAChange() {
        sent(2);
        acknowledged(0, 1);
        stored(0, 0);
        stored(1, 1);
        assertThat(found(ONCE)).containsExactly(Kind.CHANGED);
    }

    @Test
    void whatAReaderSawMustStayAndStayTheSame() {
        sent(2);
        stored(0, 0);
        read("along", 0, 1);
        assertThat(found(ONCE)).containsExactly(Kind.CHANGED);
        history.clear();
        sent(2);
        stored(0, 0);
        read("group g", 0, 0);
        read("group g", 1, 1);
        assertThat(found(ONCE)).containsExactly(Kind.SEEN_THEN_GONE);
    }

    @Test
    void aReaderGetsEachRecordBeforeTheNext() {
        sent(3);
        stored(0, 0);
        stored(1, 1);
        stored(2, 2);
        read("along", 0, 0);
        read("along", 2, 2);
        assertThat(found(ONCE)).containsExactly(Kind.SKIPPED);
        read("along", 1, 1);
        assertThat(found(ONCE)).containsExactly(Kind.SKIPPED, Kind.REORDERED);
    }

    @Test
    void anOffsetWithoutARecordIsAGap() {
        sent(2);
        stored(0, 0);
        stored(2, 1);
        assertThat(found(ONCE)).containsExactly(Kind.SKIPPED);
    }

    @Test
    void whatNobodySentIsInvented() {
        stored(0, 0);
        assertThat(found(ONCE)).containsExactly(Kind.INVENTED);
    }

    @Test
    void leaderEpochsOfALogDoNotFall() {
        sent(2);
        history.add(new Stored(0, "s", new Position(0, 0), 4, item(0)));
        history.add(new Stored(0, "s", new Position(0, 1), 3, item(1)));
        assertThat(found(ONCE)).containsExactly(Kind.EPOCH_FELL);
    }

    @Test
    void aTransactionIsThereWholeOrNotAtAll() {
        sent(4);
        for (int partition = 0; partition < 2; partition++) {
            stored("s", partition, 0, 0);
            stored("s", partition, 5, 3);
        }
        history.add(new Ended(0, 0, "s", item(0), Outcome.COMMITTED));
        history.add(new Ended(0, 0, "s", item(1), Outcome.ABORTED));
        history.add(new Ended(0, 0, "s", item(2), Outcome.UNKNOWN));
        history.add(new Ended(0, 0, "s", item(3), Outcome.UNKNOWN));
        assertThat(found(TRANSACTIONS)).isEmpty();
        stored("s", 0, 7, 1);
        assertThat(found(TRANSACTIONS))
                .containsExactlyInAnyOrder(Kind.HALF_A_TRANSACTION, Kind.ABORTED_BUT_THERE, Kind.REORDERED);
    }

    @Test
    void aCommittedTransactionIsThereOnce() {
        sent(2);
        history.add(new Ended(0, 0, "s", item(0), Outcome.COMMITTED));
        assertThat(found(TRANSACTIONS)).containsExactly(Kind.LOST);
        for (long offset = 0; offset < 2; offset++) {
            stored("s", 0, offset, 0);
            stored("s", 1, offset, 0);
        }
        assertThat(found(TRANSACTIONS)).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void aCopyHasAllOfTheTopicOnceInItsOrder() {
        sent(2);
        stored(0, 0);
        stored(1, 1);
        stored("copy", 0, 0, 1);
        assertThat(found(ONCE, COPY)).containsExactlyInAnyOrder(Kind.LOST, Kind.REORDERED);
        stored("copy", 0, 1, 0);
        assertThat(found(ONCE, COPY)).containsExactly(Kind.REORDERED);
        stored("copy", 0, 2, 0);
        assertThat(found(ONCE, COPY)).containsExactlyInAnyOrder(Kind.REORDERED, Kind.DUPLICATED);
    }

    @Test
    void aGroupIsGivenEverything() {
        sent(2);
        stored(0, 0);
        stored(1, 1);
        read("group g", 0, 0);
        read("group g", 0, 0);
        assertThat(found(ONCE)).containsExactly(Kind.NOT_DELIVERED);
    }

    @Test
    void subscribersGetWhatWasAcknowledgedInOrderAndOnceIfPromised() {
        sent(3);
        for (int number = 0; number < 3; number++) {
            acknowledged(number, number);
            stored(number, number);
        }
        delivered(0);
        delivered(2);
        delivered(2);
        assertThat(found(AT_LEAST_ONCE)).containsExactly(Kind.NOT_DELIVERED);
        assertThat(found(ONCE)).containsExactlyInAnyOrder(Kind.NOT_DELIVERED, Kind.DUPLICATED);
        delivered(1);
        assertThat(found(AT_LEAST_ONCE)).containsExactly(Kind.REORDERED);
    }

    @Test
    void anEpochHasOneLeader() {
        history.add(new Led(0, 1, "s-0", 1, 1));
        history.add(new Led(0, 2, "s-0", 1, 2));
        assertThat(found()).containsExactly(Kind.TWO_LEADERS);
    }

    @Test
    void aTopicThatWasCreatedIsThere() {
        history.add(new Created(0, 0, "t"));
        assertThat(found(ONCE)).containsExactly(Kind.TOPIC_LOST);
    }

    @Test
    void whatAClientWasToldThatCannotBeIsPassedOn() {
        history.add(new Contradicted(0, "session c", "the session is gone"));
        assertThat(found()).containsExactly(Kind.CONTRADICTED);
    }

    @Test
    void nobodyWhoIsPatientGivesUp() {
        sent(1);
        history.add(new GivenUp(0, "s", item(0), "timed out"));
        assertThat(found(ONCE)).containsExactly(Kind.GIVEN_UP);
    }
}
