package io.robustmq.e2e.nemesis.history;

/** Something that a client did, was told or saw, in milliseconds since the run began. */
public sealed interface Event {
    long at();

    /** A writer sends its next number; what comes of it is not known yet. */
    record Sent(long at, String stream, Item item) implements Event {}

    /**
     * The broker has it.
     *
     * @param position where, or {@link Position#UNKNOWN}: MQTT does not tell, nor Kafka always
     */
    record Acknowledged(long at, long tookMs, String stream, Item item, Position position) implements Event {}

    /** The broker did not say that it has it: it may be there or not. */
    record Unanswered(long at, String stream, Item item, String reason) implements Event {}

    /** The client, which puts up with everything for two minutes, gave it up: it may be there or not. */
    record GivenUp(long at, String stream, Item item, String reason) implements Event {}

    /** A reader of the log found it there. */
    record Read(long at, String stream, String reader, Position position, int epoch, Item item) implements Event {}

    /** A subscriber was sent it. */
    record Delivered(long at, String stream, String subscriber, Item item) implements Event {}

    /** The log in the end, when all is well again, in its own order. */
    record Stored(long at, String stream, Position position, int epoch, Item item) implements Event {}

    /** A transaction of which the writer has one record in each partition, all of the same number. */
    record Ended(long at, long tookMs, String stream, Item item, Outcome outcome) implements Event {}

    /** A node said who leads a partition in an epoch. */
    record Led(long at, int toldBy, String partition, int epoch, int leader) implements Event {}

    /** The broker said that it has created the topic. */
    record Created(long at, long tookMs, String topic) implements Event {}

    /** A topic that is there in the end. */
    record Listed(long at, String topic) implements Event {}

    /** A client was told what cannot be, if what it was told before is true. */
    record Contradicted(long at, String stream, String text) implements Event {}

    /** What was done to the nodes, and when it was over. */
    record Disturbed(long at, long until, String what) implements Event {}

    /** What a writer writes: its numbers are 0, 1, 2 and so on. */
    record Item(String writer, long number) {
        public String text() {
            return writer + "/" + number;
        }

        public static Item of(String text) {
            int slash = text.lastIndexOf('/');
            return new Item(text.substring(0, slash), Long.parseLong(text.substring(slash + 1)));
        }
    }

    record Position(int partition, long offset) {
        public static final Position UNKNOWN = new Position(-1, -1);
    }

    enum Outcome {
        COMMITTED,
        ABORTED,
        UNKNOWN
    }
}
