package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.security.Operation;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareTerms;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.handler.ShareAnswer;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One fetch of a share session. What the coordinator is not known to have nothing of is asked for; then what is there is
 * read, and the coordinator asked to give it to the member. While there is nothing, or less than the client waits for, it
 * waits until a partition advances, others give something back, or the time is over. Owned by the connection's loop.
 */
final class ShareFetchTurn {
    static final byte WHOLE_BATCHES = 0;
    static final byte STRICT = 1;

    private final ShareCalls calls;
    private final KafkaRequest request;
    private final ShareFetchRequestData body;
    private final ShareSession session;
    private final ShareTerms terms;
    private final AcknowledgeTurn acknowledging;
    private final ShareFetchAnswer answer;
    private final long deadlineNanos;
    private int recordsLeft;
    private List<Cancellable> waits = List.of();
    private boolean parked;
    private boolean fetched;
    private boolean acknowledged;
    private boolean abandoned;

    ShareFetchTurn(ShareCalls calls, KafkaRequest request, ShareFetchRequestData body, ShareSession session) {
        this.calls = calls;
        this.request = request;
        this.body = body;
        this.session = session;
        this.terms = calls.service().termsOf(session.groupId());
        this.acknowledging = new AcknowledgeTurn(calls, request, session, terms);
        this.answer = new ShareFetchAnswer(terms.lockMs());
        this.recordsLeft = body.maxRecords();
        this.deadlineNanos = request.loop().nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, body.maxWaitMs()));
    }

    /** Before the start. Null batches are such as cannot be read. */
    void acknowledge(SharedPartition.Id id, @Nullable List<Acknowledged> batches) {
        acknowledging.add(id, batches);
    }

    /** Acknowledgements go first, so that what they set free can be read; the answer says what became of both. */
    void start() {
        request.onClose(this::abandon);
        acknowledging.start(() -> {
            acknowledged = true;
            finish();
        });
        if (body.shareSessionEpoch() == ShareSession.CLOSES || recordsLeft <= 0) {
            fetched = true;
            finish();
        } else {
            attempt();
        }
    }

    private void attempt() {
        if (abandoned) {
            return;
        }
        List<SharedPartition> unknown = new ArrayList<>();
        for (SharedPartition partition : session.partitions()) {
            partition.error = check(partition);
            if (partition.error == null && partition.lookAt == SharedPartition.UNKNOWN) {
                unknown.add(partition);
            }
        }
        if (unknown.isEmpty()) {
            read();
            return;
        }
        Pending pending = new Pending(request.loop(), unknown.size(), this::read);
        unknown.forEach(partition -> ask(partition, pending));
    }

    private @Nullable Errors check(SharedPartition partition) {
        TopicImage topic = calls.image().topic(partition.partition().topicId());
        if (topic == null) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        if (!calls.allowsTopic(request, Operation.READ, topic.name())) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return partition.id.index() < topic.partitions().size() ? null : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    /** Where to look for records that nobody has. */
    private void ask(SharedPartition partition, Pending pending) {
        calls.journal().leaderState(partition.partition(), request.loop(), state -> ask(partition, state, pending));
    }

    private void ask(SharedPartition partition, @Nullable PartitionState state, Pending pending) {
        if (abandoned || state == null || !state.leader()) {
            partition.error = Errors.NOT_LEADER_OR_FOLLOWER;
            pending.done();
            return;
        }
        acquire(partition, state, Seen.NOTHING, reply -> {
            if (reply instanceof ShareReply.NotStarted) {
                begin(partition, state, pending);
            } else {
                pending.done();
            }
        });
    }

    /** A group that does not exist leaves no trace. */
    private void begin(SharedPartition partition, PartitionState state, Pending pending) {
        calls.checkGroupAnywhere(request.loop(), session.groupId(), missing -> {
            if (missing != BrokerError.NONE) {
                partition.error = errorOf(missing);
                pending.done();
                return;
            }
            ShareStarts.start(calls, partition.key, state, terms.reset(), request.loop(), error -> {
                if (error == BrokerError.NONE) {
                    ask(partition, pending);
                } else {
                    partition.error = errorOf(error);
                    pending.done();
                }
            });
        });
    }

    /** {@code onReply} gets null when the coordinator refused. */
    private void acquire(
            SharedPartition partition, PartitionState state, Seen seen, Consumer<@Nullable ShareReply> onReply) {
        int stirs = partition.stirs;
        ShareAnswer waiting = new ShareAnswer(
                request.loop(),
                reply -> {
                    // A word that something changed may overtake the answer from before.
                    if (reply instanceof Acquired acquired && stirs == partition.stirs) {
                        partition.lookAt = acquired.lookAt();
                        partition.full = acquired.full();
                        partition.cut = false;
                    }
                    onReply.accept(reply);
                },
                error -> {
                    partition.error = errorOf(error);
                    onReply.accept(null);
                });
        calls.service()
                .submit(
                        partition.key,
                        new Acquire(
                                waiting,
                                partition.key,
                                session.memberId(),
                                terms,
                                bounds(partition, state),
                                seen,
                                new Wish(recordsLeft, body.shareAcquireMode() == STRICT, Math.max(1, body.batchSize())),
                                partition.waiter));
    }

    /**
     * Where another node leads the partition, the coordinator may know of more by now than was there when that node was asked:
     * only who has found that the log is shorter says where it ends.
     */
    private LogBounds bounds(SharedPartition partition, PartitionState state) {
        boolean knows = calls.journal().isOwn() || partition.cut;
        return new LogBounds(state.logStartOffset(), knows ? state.logEndOffset() : -1, state.leaderEpoch());
    }

    /** Clients know no errors of coordinators here: they look for the leader and try again. */
    private static Errors errorOf(BrokerError error) {
        boolean lasts = error == BrokerError.GROUP_MAX_SIZE_REACHED || error == BrokerError.GROUP_ID_NOT_FOUND;
        return lasts ? Errors.UNKNOWN_SERVER_ERROR : Errors.NOT_LEADER_OR_FOLLOWER;
    }

    private void read() {
        if (abandoned) {
            return;
        }
        ShareReads reads = new ShareReads(calls, body, terms.isolation());
        boolean failed = false;
        for (SharedPartition partition : session.partitions()) {
            if (partition.error == null) {
                reads.read(partition);
            }
            failed |= partition.error != null;
        }
        long leftNanos = deadlineNanos - request.loop().nanoTime();
        if (!failed && leftNanos > 0 && reads.isTooLittle()) {
            reads.close();
            park(leftNanos);
        } else {
            acquireFrom(reads);
        }
    }

    /** One partition after the other, as each takes from what the member wants at most. */
    private void acquireFrom(ShareReads reads) {
        ShareReads.Read read = recordsLeft <= 0 ? null : reads.next();
        if (read == null) {
            reads.close();
            settle();
            return;
        }
        SharedPartition partition = read.partition();
        SeenBatches batches = read.load(terms.isolation());
        if (batches == null) {
            partition.error = Errors.KAFKA_STORAGE_ERROR;
            acquireFrom(reads);
            return;
        }
        acquire(partition, read.state(), batches.seen(), reply -> {
            if (reply instanceof Acquired acquired && !acquired.ranges().isEmpty() && !abandoned) {
                recordsLeft -= answer.add(partition, acquired.ranges(), batches.take(acquired.ranges()));
                session.rotate(partition);
            } else {
                batches.close();
                if (reply instanceof ShareReply.NotStarted) {
                    partition.forgetWhatIsKnown();
                }
            }
            if (abandoned) {
                reads.close();
            } else {
                acquireFrom(reads);
            }
        });
    }

    /** Others may have been faster. */
    private void settle() {
        boolean failed = false;
        for (SharedPartition partition : session.partitions()) {
            if (partition.error != null) {
                failed = true;
                answer.fail(partition);
            }
        }
        if (failed || !answer.isEmpty() || deadlineNanos - request.loop().nanoTime() <= 0) {
            fetched = true;
            finish();
        } else {
            request.loop().execute(this::attempt);
        }
    }

    private void park(long leftNanos) {
        List<Cancellable> registered = new ArrayList<>();
        waits = registered;
        parked = true;
        session.park(() -> wake(registered));
        long leftMs = TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1;
        registered.add(request.loop().schedule(leftMs, () -> wake(registered)));
        for (SharedPartition partition : session.partitions()) {
            if (partition.lookAt == SharedPartition.UNKNOWN) {
                wake(registered);
                return;
            }
            if (!partition.full) {
                long end = Math.max(partition.lookAt, partition.seenEnd);
                registered.add(calls.journal()
                        .onAdvance(
                                partition.partition(), end, terms.isolation(), request.loop(), () -> wake(registered)));
            }
        }
    }

    /** {@code registration} tells a late word for an earlier wait from one for this. */
    private void wake(List<Cancellable> registration) {
        if (parked && waits == registration) {
            parked = false;
            request.loop().execute(() -> {
                cancelWaits();
                attempt();
            });
        }
    }

    private void cancelWaits() {
        session.unpark();
        List<Cancellable> cancelled = waits;
        waits = List.of();
        cancelled.forEach(Cancellable::cancel);
    }

    /** The connection is gone; its session releases what was acquired. */
    private void abandon() {
        abandoned = true;
        parked = false;
        cancelWaits();
        answer.close();
    }

    private void finish() {
        if (fetched && acknowledged && !abandoned) {
            if (body.shareSessionEpoch() == ShareSession.CLOSES) {
                calls.sessions().close(session);
            }
            request.respond(answer.response(acknowledging.results()));
        }
    }
}
