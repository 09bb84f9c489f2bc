package io.robustmq.mqtt.share;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How nodes that share subscriptions reach each other: a call each, answered when it was dealt with. What is asked, and what arrives,
 * is dealt with in one loop.
 */
public final class ShareLink {
    /** Begins each body among those of {@link NodeLink.Call#MQTT}. */
    public static final byte KIND = 5;

    private static final byte REPORT = 0;
    private static final byte DEAL = 1;
    private static final byte CLAIM = 2;
    private static final byte TELL = 3;
    private static final int ANSWER_MS_MAX = 5_000;

    private final NodeLink link;
    private final Loop loop;
    private volatile @Nullable ShareNode here;

    /** @param loop of the router */
    public ShareLink(NodeLink link, Loop loop) {
        this.link = link;
        this.loop = loop;
    }

    /** What others ask is asked of this one. */
    public void serve(ShareNode node) {
        here = node;
    }

    /** Another node. */
    public ShareNode node(int id) {
        return new Other(id);
    }

    private static ByteBuf body(byte what) {
        return ByteBufAllocator.DEFAULT.buffer().writeByte(KIND).writeByte(what);
    }

    /** The way there. */
    private final class Other implements ShareNode {
        private final int id;

        Other(int id) {
            this.id = id;
        }

        @Override
        public void report(Stamp stamp, Consumer<@Nullable Report> reply) {
            ByteBuf body = body(REPORT);
            ShareCodec.write(body, stamp);
            ask(body, answer -> reply.accept(answer == null ? null : ShareCodec.report(answer)));
        }

        @Override
        public void deal(Deal deal, Consumer<Boolean> arrived) {
            ByteBuf body = body(DEAL);
            ShareCodec.write(body, deal);
            ask(body, answer -> arrived.accept(answer != null && answer.readBoolean()));
        }

        @Override
        public void claim(SeatState seat, long round, Consumer<Claimed> reply) {
            ByteBuf body = body(CLAIM).writeLong(round);
            ShareCodec.write(body, seat);
            ask(
                    body,
                    answer -> reply.accept(
                            answer == null
                                    ? Claimed.AGAIN
                                    : Claimed.valueOf(answer.toString(StandardCharsets.US_ASCII))));
        }

        @Override
        public void tell(Told told, Consumer<Boolean> arrived) {
            ByteBuf body = body(TELL);
            ShareCodec.write(body, told);
            ask(body, answer -> arrived.accept(answer != null && answer.readBoolean()));
        }

        private void ask(ByteBuf body, Consumer<@Nullable ByteBuf> reply) {
            link.ask(id, NodeLink.Call.MQTT, body, ANSWER_MS_MAX, loop, reply);
        }
    }

    /** In a connection's loop: borrows the rest of a body that began with {@link #KIND}. */
    public void onCall(ByteBuf body, Loop connection, NodeLink.Answer answer) {
        ShareNode node = here;
        if (node == null) {
            throw new IllegalStateException("asked before it was begun");
        }
        byte what = body.readByte();
        Consumer<ByteBuf> reply = bytes -> connection.run(() -> answer.send(bytes));
        switch (what) {
            case REPORT -> {
                Stamp stamp = ShareCodec.stamp(body);
                loop.execute(() -> node.report(stamp, report -> {
                    ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer();
                    ShareCodec.write(bytes, report);
                    reply.accept(bytes);
                }));
            }
            case DEAL -> {
                Deal deal = ShareCodec.deal(body);
                loop.execute(() -> node.deal(deal, arrived -> reply.accept(answer(arrived))));
            }
            case CLAIM -> {
                long round = body.readLong();
                SeatState seat = ShareCodec.seat(body);
                loop.execute(() -> node.claim(
                        seat,
                        round,
                        claimed -> reply.accept(ByteBufAllocator.DEFAULT
                                .buffer()
                                .writeBytes(claimed.name().getBytes(StandardCharsets.US_ASCII)))));
            }
            case TELL -> {
                Told told = ShareCodec.told(body);
                loop.execute(() -> node.tell(told, arrived -> reply.accept(answer(arrived))));
            }
            default -> throw new IllegalArgumentException("call " + what);
        }
    }

    private static ByteBuf answer(boolean arrived) {
        return ByteBufAllocator.DEFAULT.buffer().writeBoolean(arrived);
    }
}
