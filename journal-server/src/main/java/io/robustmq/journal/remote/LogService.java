package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.ReadResult;
import java.util.HashSet;
import java.util.Set;

/** Answers {@link RemoteJournal}s of what this node leads. Each conversation is owned by its connection's loop. */
public final class LogService implements NodeLink.Service {
    private final Journal journal;

    public LogService(Journal journal) {
        this.journal = journal;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new Asking(loop);
    }

    /** One node's questions. */
    private final class Asking implements NodeLink.Conversation {
        private final Loop loop;
        private final Set<Reading> waiting = new HashSet<>();

        Asking(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void onCall(ByteBuf body, NodeLink.Answer answer) {
            byte kind = body.readByte();
            Partition partition = LinkFields.partition(body);
            switch (kind) {
                case LogCodec.READ -> new Reading(this, partition, LogCodec.readRead(body), answer).start();
                case LogCodec.STATE -> answer.send(LogCodec.encode(journal.state(partition)));
                case LogCodec.EPOCH_END -> answer.send(LogCodec.encode(journal.endOfEpoch(partition, body.readInt())));
                case LogCodec.TIME ->
                    journal.offsetForTime(
                            partition,
                            body.readLong(),
                            LogCodec.isolation(body),
                            loop,
                            offset -> answer.send(LogCodec.encode(offset)));
                case LogCodec.MAX_TIME ->
                    journal.offsetForMaxTimestamp(partition, loop, offset -> answer.send(LogCodec.encode(offset)));
                case LogCodec.PRODUCERS ->
                    journal.producers(partition, loop, producers -> answer.send(LogCodec.encode(producers)));
                case LogCodec.DELETE ->
                    journal.deleteRecords(partition, body.readLong(), loop, result -> answer(answer, result));
                case LogCodec.APPEND -> {
                    var options = LogCodec.readOptions(body);
                    ByteBuf batches = body.readRetainedSlice(body.readableBytes());
                    journal.append(partition, batches, options, loop, result -> answer(answer, result));
                }
                default -> throw new IllegalArgumentException("question " + kind + " is not known");
            }
        }

        @Override
        public void ended() {
            Set.copyOf(waiting).forEach(Reading::end);
        }
    }

    private static void answer(NodeLink.Answer to, AppendResult result) {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer(64);
        AppendCodec.write(result, bytes);
        to.send(bytes);
    }

    /** One read, which waits until there is something to say, or its time is over. Owned by the connection's loop. */
    private final class Reading {
        private final Asking asking;
        private final Partition partition;
        private final LogCodec.Read read;
        private final NodeLink.Answer answer;
        private Cancellable advance = Cancellable.NOTHING;
        private Cancellable timer = Cancellable.NOTHING;
        private boolean isOver;
        private boolean isLate;

        Reading(Asking asking, Partition partition, LogCodec.Read read, NodeLink.Answer answer) {
            this.asking = asking;
            this.partition = partition;
            this.read = read;
            this.answer = answer;
        }

        void start() {
            timer = asking.loop.schedule(read.waitMs(), () -> {
                isLate = true;
                look();
            });
            asking.waiting.add(this);
            look();
        }

        private void look() {
            if (isOver) {
                return;
            }
            advance.cancel();
            ReadResult result = journal.read(partition, read.offset(), read.maxBytes(), true, read.isolation());
            LogSlice slice = result.slice();
            if (slice == null && result.error() == BrokerError.NONE && !isLate) {
                advance = journal.onAdvance(
                        partition,
                        result.waitFrom(read.offset(), read.isolation()),
                        read.isolation(),
                        asking.loop,
                        () -> asking.loop.execute(this::look));
                return;
            }
            end();
            if (slice == null) {
                answer.send(LogCodec.head(result));
            } else {
                answer.send(LogCodec.head(result), slice.toOutbound());
            }
        }

        void end() {
            isOver = true;
            advance.cancel();
            timer.cancel();
            asking.waiting.remove(this);
        }
    }
}
