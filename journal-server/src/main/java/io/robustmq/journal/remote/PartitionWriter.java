package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.NodeLink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that this node appends to one partition, in order, wherever that is led. Batches that somebody waits for have the
 * process's producer id and sequence numbers, so that one whose answer was lost can be sent again, to whoever leads by then,
 * and is in the log once. One that is given up because of what may pass takes along all that was handed over before that was known:
 * who sends it again, sends all of it again, in its order. What may still come of it is {@link WriterFence fenced} before who waits
 * until all is settled looks through the log. Owned by its loop.
 *
 * <pre>
 *   waiting ──► in flight (5 at most, as leaders remember so many) ── stored, refused for good ──► answered
 *                  ▲     │ one was not stored, or that is not known: when all are back, or somebody else leads,
 *                  └─────┘ those go out again in their order; renumbered, if one before them will never come
 * </pre>
 *
 * A log has the batches of an id and epoch without a gap, so that the next leader takes from where it has them, whatever the last
 * one still does or says of them. Only what cannot be in any log gets another number: what is before a gap keeps its own until that
 * is known.
 */
final class PartitionWriter {
    /** Leaders know so many of the last batches again: the first that is not answered has to be one of them. */
    private static final int IN_FLIGHT_MAX = 5;

    private static final int AGAIN_MS = 25;
    private static final int LEADER_MS_MAX = 5_000;
    private static final int ANSWER_MS_MAX = 10_000;
    /** What has no number cannot be sent again: who led may still say of it that it was not taken. */
    private static final int UNNUMBERED_MS_MAX = 500;

    /** Then another one is tried. */
    private static final long FENCE_NANOS_MAX = 30_000_000_000L;

    private final Partition partition;
    private final Loop loop;
    private final ClusterJournal cluster;
    private final ArrayDeque<Write> waiting = new ArrayDeque<>();
    private final List<Write> inFlight = new ArrayList<>(IN_FLIGHT_MAX);
    private final WriterNumbers numbers;
    private final Unaware unaware;
    private final WriterFence fence;
    private final List<Settling> settling = new ArrayList<>(0);
    private boolean awaitsId;
    private boolean recovering;
    private boolean renumbers;
    /** Numbers have changed since what is in flight got its own. */
    private boolean rewrites;

    private boolean againScheduled;
    private boolean strayed;
    private long flights;
    private long ordinals;

    PartitionWriter(Partition partition, Loop loop, ClusterJournal cluster) {
        this.partition = partition;
        this.loop = loop;
        this.cluster = cluster;
        this.unaware = new Unaware(loop);
        this.numbers = new WriterNumbers(cluster.writerId(), cluster::freshWriterId);
        this.fence = new WriterFence(
                partition, loop, this::appendFence, () -> cluster.image().partition(partition) == null);
    }

    Loop loop() {
        return loop;
    }

    /** Hands over to the loop. */
    void append(Write write) {
        loop.run(() -> {
            AppendResult why = write.isDurable() ? unaware.why(write.loop()) : null;
            if (why != null) {
                loop.execute(() -> write.answer(why));
            } else {
                waiting.add(write);
                send();
            }
        });
    }

    /** Who waits until all that was handed over before him is answered. */
    private record Settling(Set<Write> left, Runnable task) {}

    /** {@code task} runs in the loop when all that was handed over before is stored or never will be, whatever leaders still get of it. */
    Cancellable whenSettled(Runnable task) {
        loop.run(() -> {
            Set<Write> left = new HashSet<>(waiting);
            left.addAll(inFlight);
            left.removeIf(write -> write.isFence);
            if (left.isEmpty()) {
                fence.whenUp(task);
            } else {
                settling.add(new Settling(left, task));
            }
        });
        return () -> loop.run(() -> {
            settling.removeIf(each -> each.task == task);
            fence.forget(task);
        });
    }

    private void appendFence(Consumer<AppendResult> reply) {
        ByteBuf marker = WriterFence.marker(loop.nowMs());
        waiting.add(Write.fence(marker, cluster.incarnation(), loop.nanoTime() + FENCE_NANOS_MAX, loop, reply));
        send();
    }

    /** The partition may have another leader, or the same in another epoch: what was asked of the last one is asked again. Any thread. */
    void leaderChanged() {
        loop.run(() -> {
            PartitionImage image = cluster.image().partition(partition);
            if (image == null || inFlight.isEmpty()) {
                return;
            }
            for (Write write : List.copyOf(inFlight)) {
                if (write.isFlying() && write.askedEpoch < image.leaderEpoch() && !isAnswerSure(write)) {
                    doNotWait(write);
                }
            }
            if (recovering && !againScheduled && noneFlies()) {
                again();
            } else {
                goOn();
            }
        });
    }

    /** What this node led itself is refused as soon as it does not. */
    private boolean isAnswerSure(Write write) {
        return write.askedNode == cluster.nodeId();
    }

    private void doNotWait(Write write) {
        if (write.isDurable()) {
            land(write, null);
        } else {
            long flight = write.flight;
            loop.schedule(UNNUMBERED_MS_MAX, () -> answered(write, flight, null));
        }
    }

    private void send() {
        if (!numbers.isKnown()) {
            if (!awaitsId) {
                awaitsId = true;
                numbers.whenKnown(loop, this::send);
            }
            return;
        }
        while (!recovering && !waiting.isEmpty() && hasRoom()) {
            Write next = waiting.remove();
            number(next);
            inFlight.add(next);
            next.flight = ++flights;
            fly(next);
        }
    }

    private boolean hasRoom() {
        return inFlight.size() < IN_FLIGHT_MAX
                && (inFlight.isEmpty() || ordinals - inFlight.get(0).ordinal < IN_FLIGHT_MAX);
    }

    private void number(Write write) {
        write.ordinal = ordinals++;
        numbers.give(write);
    }

    private void fly(Write write) {
        long flight = write.flight;
        PartitionImage image = cluster.image().partition(partition);
        if (image == null) {
            answered(write, flight, AppendResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION));
            return;
        }
        write.askedNode = image.leader();
        write.askedEpoch = image.leaderEpoch();
        write.wasAsked |= image.leader() != PartitionImage.NO_LEADER;
        if (image.leader() == PartitionImage.NO_LEADER) {
            answered(write, flight, AppendResult.refused(BrokerError.LEADER_NOT_AVAILABLE));
        } else if (image.leader() == cluster.nodeId()) {
            AppendOptions options = new AppendOptions(
                    write.options.acks(), AppendOptions.Origin.NODE, AppendOptions.ANY_EPOCH, LEADER_MS_MAX);
            cluster.local().append(partition, write.bytes(), options, loop, result -> answered(write, flight, result));
        } else {
            ask(image.leader(), write, flight);
        }
    }

    private void ask(int leader, Write write, long flight) {
        ByteBuf head = ByteBufAllocator.DEFAULT.buffer(64);
        AppendCodec.write(
                new AppendCodec.Append(
                        partition, cluster.nodeId(), write.incarnation, write.isDurable(), LEADER_MS_MAX),
                head);
        CompositeByteBuf body = ByteBufAllocator.DEFAULT
                .compositeBuffer(2)
                .addComponent(true, head)
                .addComponent(true, write.bytes());
        cluster.link()
                .ask(
                        leader,
                        NodeLink.Call.APPEND,
                        body,
                        ANSWER_MS_MAX,
                        loop,
                        answer -> answered(write, flight, answer == null ? null : AppendCodec.readResult(answer)));
    }

    /** @param result null when there is none */
    private void answered(Write write, long flight, @Nullable AppendResult result) {
        // Else it comes too late: somebody else was asked since, whose answer counts.
        if (write.flight == flight) {
            land(write, result);
            goOn();
        }
    }

    private void land(Write write, @Nullable AppendResult result) {
        write.flight = Write.NONE;
        BrokerError error = result == null ? BrokerError.REQUEST_TIMED_OUT : result.error();
        if (result != null && (result.succeeded() || error == BrokerError.DUPLICATE_SEQUENCE)) {
            if (write.isDurable()) {
                fence.stored(write.generation);
            }
            finish(
                    write,
                    AppendResult.appended(result.baseOffset(), result.logAppendTimeMs(), result.logStartOffset()));
        } else if (!isSentAgain(write, result) || !mayComeYet(error) || write.isDoomed || isOver(write)) {
            // The numbers are nobody else's business.
            giveUp(
                    write,
                    result == null || isSequenceError(error)
                            ? AppendResult.refused(BrokerError.REQUEST_TIMED_OUT)
                            : result);
        } else {
            recovering = true;
            // First in line, nothing before it is missing: the leader has other numbers in mind.
            if (isSequenceError(error) && isFirst(write)) {
                strandFrom(write);
            }
        }
    }

    private boolean isFirst(Write write) {
        return inFlight.stream().filter(Write::isDurable).findFirst().orElse(null) == write;
    }

    private void strandFrom(Write write) {
        renumbers = true;
        for (Write each : inFlight.subList(inFlight.indexOf(write), inFlight.size())) {
            each.isStranded = each.isDurable();
        }
    }

    /** What nobody waits for has no numbers, which would tell that it is there already: only what was refused is sent again. */
    private static boolean isSentAgain(Write write, @Nullable AppendResult result) {
        return write.isDurable() || (result != null && result.error() != BrokerError.REQUEST_TIMED_OUT);
    }

    private static boolean isSequenceError(BrokerError error) {
        return error == BrokerError.OUT_OF_ORDER_SEQUENCE || error == BrokerError.INVALID_PRODUCER_EPOCH;
    }

    private boolean mayComeYet(BrokerError error) {
        return switch (error) {
            case NOT_LEADER,
                    LEADER_NOT_AVAILABLE,
                    FENCED_LEADER_EPOCH,
                    UNKNOWN_LEADER_EPOCH,
                    NOT_ENOUGH_REPLICAS,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    REQUEST_TIMED_OUT,
                    OVERLOADED,
                    OUT_OF_ORDER_SEQUENCE,
                    INVALID_PRODUCER_EPOCH -> true;
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID -> cluster.image().partition(partition) != null;
            // A leader without room has another lead, if there is one.
            case STORAGE_FULL -> cluster.hasRoomElsewhere(partition);
            default -> false;
        };
    }

    /** It took too long, or this node was taken for dead meanwhile. */
    private boolean isOver(Write write) {
        return loop.nanoTime() - write.deadlineNanos > 0 || write.incarnation != cluster.incarnation();
    }

    private void finish(Write write, AppendResult result) {
        inFlight.remove(write);
        write.answer(result);
        for (Settling each : List.copyOf(settling)) {
            if (each.left.remove(write) && each.left.isEmpty()) {
                settling.remove(each);
                fence.whenUp(each.task);
            }
        }
    }

    /** What comes behind it has numbers that would leave a gap. */
    private void giveUp(Write write, AppendResult why) {
        if (!write.isDurable() || write.isFence) {
            finish(write, why);
            return;
        }
        recovering = true;
        strandFrom(write);
        if (isTheBatchsFault(why.error())) {
            finish(write, why);
            return;
        }
        List<Write> lost = new ArrayList<>(List.of(write));
        lost.addAll(behind(write));
        if (lost.stream().anyMatch(each -> each.wasAsked)) {
            fence.givenUp(numbers.generation());
        }
        lost.forEach(each -> unaware.add(each.loop(), why));
        lost.forEach(each -> finish(each, why));
        lost.stream().map(Write::loop).distinct().forEach(unaware::told);
    }

    /** All that comes behind it, but what may just be being stored, of which is awaited whether it was. */
    private List<Write> behind(Write write) {
        List<Write> behind = new ArrayList<>();
        for (Write each : inFlight.subList(inFlight.indexOf(write) + 1, inFlight.size())) {
            each.isDoomed = !each.isFence;
            if (goesAlong(each) && !each.isFlying()) {
                behind.add(each);
            }
        }
        waiting.stream().filter(PartitionWriter::goesAlong).forEach(behind::add);
        waiting.removeIf(PartitionWriter::goesAlong);
        return behind;
    }

    /** A fence is behind nothing: whatever its number is does as well. */
    private static boolean goesAlong(Write write) {
        return write.isDurable() && !write.isFence;
    }

    /** Others are not refused for it. */
    static boolean isTheBatchsFault(BrokerError error) {
        return switch (error) {
            case CORRUPT_MESSAGE,
                    INVALID_RECORD,
                    INVALID_TIMESTAMP,
                    MESSAGE_TOO_LARGE,
                    RECORD_LIST_TOO_LARGE,
                    UNSUPPORTED_FOR_MESSAGE_FORMAT,
                    UNSUPPORTED_COMPRESSION -> true;
            default -> false;
        };
    }

    private void goOn() {
        if (!recovering) {
            send();
        } else if (noneFlies() && !againScheduled) {
            againScheduled = true;
            loop.schedule(AGAIN_MS, this::again);
        }
    }

    private boolean noneFlies() {
        return inFlight.stream().noneMatch(Write::isFlying);
    }

    private void again() {
        againScheduled = false;
        for (Write write : List.copyOf(inFlight)) {
            if (inFlight.contains(write) && isOver(write)) {
                giveUp(write, AppendResult.refused(BrokerError.REQUEST_TIMED_OUT));
            }
        }
        if (renumbers && inFlight.stream().anyMatch(write -> write.isDurable() && !write.isStranded)) {
            fly(inFlight.stream().filter(write -> !write.isStranded).toList());
        } else if (renumbered()) {
            recovering = false;
            fly(List.copyOf(inFlight));
            goOn();
        }
    }

    /** Whether all in flight have numbers to go out with; else it is tried again later. */
    private boolean renumbered() {
        if (renumbers && numbers.isLastEpoch() && !strayed) {
            // Another id does not fence what is lost on its way: by then it has come, or never will.
            strayed = true;
            againScheduled = true;
            loop.schedule(ANSWER_MS_MAX, this::again);
            return false;
        }
        if (renumbers) {
            strayed = false;
            numbers.startOver();
            renumbers = false;
            rewrites = true;
        }
        if (!numbers.isKnown()) {
            againScheduled = true;
            numbers.whenKnown(loop, this::again);
            return false;
        }
        if (rewrites) {
            rewrites = false;
            inFlight.forEach(this::number);
        }
        return true;
    }

    private void fly(List<Write> writes) {
        writes.forEach(write -> write.flight = ++flights);
        writes.forEach(this::fly);
    }
}
