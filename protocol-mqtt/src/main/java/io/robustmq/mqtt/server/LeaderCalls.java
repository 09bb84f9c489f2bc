package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanCodec;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.ban.BanFact;
import io.robustmq.core.delayed.DelayCodec;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.core.delayed.DelayFact;
import io.robustmq.core.delayed.DelayedMessage;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.mqtt.admin.MqttAdmin;
import io.robustmq.mqtt.share.ShareLink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bans and delayed messages are kept by the node that leads their topic: what is asked of another goes there, as the fact that
 * it is to become. Any thread.
 */
final class LeaderCalls implements NodeLink.Service {
    /** This node leads the topic, or nobody knows it yet. */
    static final int HERE = -2;

    private static final byte BAN = 0;
    private static final byte UNBAN = 1;
    private static final byte DELAY = 2;
    private static final byte CANCEL = 3;
    private static final byte LIST = 4;
    private static final int ANSWER_MS_MAX = 10_000;

    private final int nodeId;
    private final Supplier<MetaImage> image;
    private final NodeLink link;
    private final @Nullable ShareLink shares;
    private final Loop loop;
    private final BanCodec bans = new BanCodec();
    private final DelayCodec delays = new DelayCodec();
    private volatile @Nullable MqttNode node;

    /**
     * Asks by {@code link}.
     *
     * @param loop for answers that nobody wants in another
     * @param shares what else nodes ask of each other
     */
    LeaderCalls(int nodeId, Supplier<MetaImage> image, NodeLink link, Loop loop, @Nullable ShareLink shares) {
        this.shares = shares;
        this.nodeId = nodeId;
        this.image = image;
        this.link = link;
        this.loop = loop;
    }

    /** What is asked by others is done here. */
    void serve(MqttNode by) {
        node = by;
    }

    /** Who leads the topic, which has one partition; {@link #HERE} if it is not another node. */
    int leaderOf(String topic) {
        TopicImage known = image.get().topic(topic);
        int leader = known == null ? nodeId : known.partitions().get(0).leader();
        return leader == nodeId ? HERE : leader;
    }

    void ban(int leader, Ban ban, Consumer<BanEffect.Outcome> done) {
        BanFact fact = new BanFact.BanImposed(ban);
        ask(leader, request(BAN, bans.key(fact), bans.value(fact)), loop, answer -> done.accept(banOutcome(answer)));
    }

    void unban(int leader, Ban.Key key, Consumer<BanEffect.Outcome> done) {
        byte[] named = bans.key(new BanFact.BanLifted(key));
        ask(leader, request(UNBAN, named, null), loop, answer -> done.accept(banOutcome(answer)));
    }

    void delay(
            int leader,
            DelayedMessage message,
            List<RecordHeader> marks,
            Loop answerIn,
            Consumer<DelayEffect.Outcome> done) {
        DelayFact fact = new DelayFact.MessageDelayed(message, marks);
        ByteBuf body = request(DELAY, delays.key(fact), delays.value(fact));
        body.writeShort(marks.size());
        for (RecordHeader mark : marks) {
            writeBytes(body, mark.key().getBytes(StandardCharsets.UTF_8));
            writeBytes(body, mark.text().getBytes(StandardCharsets.UTF_8));
        }
        ask(leader, body, answerIn, answer -> done.accept(delayOutcome(answer)));
    }

    void cancel(int leader, String id, Consumer<DelayEffect.Outcome> done) {
        byte[] named = id.getBytes(StandardCharsets.UTF_8);
        ask(leader, request(CANCEL, named, null), loop, answer -> done.accept(delayOutcome(answer)));
    }

    /** Nothing when there is no answer. */
    void list(int leader, String afterId, int max, Consumer<MqttAdmin.DelayedPage> done) {
        ByteBuf body = request(LIST, afterId.getBytes(StandardCharsets.UTF_8), null);
        body.writeInt(max);
        ask(leader, body, loop, answer -> {
            List<DelayedMessage> messages = new ArrayList<>();
            int total = answer == null ? 0 : answer.readInt();
            while (answer != null && answer.isReadable()) {
                messages.add(message(readBytes(answer), readBytes(answer)));
            }
            done.accept(new MqttAdmin.DelayedPage(messages, total));
        });
    }

    private void ask(int leader, ByteBuf body, Loop answerIn, Consumer<@Nullable ByteBuf> reply) {
        if (leader == PartitionImage.NO_LEADER) {
            body.release();
            answerIn.run(() -> reply.accept(null));
        } else {
            link.ask(leader, NodeLink.Call.MQTT, body, ANSWER_MS_MAX, answerIn, reply);
        }
    }

    private static ByteBuf request(byte kind, byte[] key, byte @Nullable [] value) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer();
        body.writeByte(kind);
        writeBytes(body, key);
        writeBytes(body, value == null ? new byte[0] : value);
        return body;
    }

    private static void writeBytes(ByteBuf to, byte[] bytes) {
        to.writeInt(bytes.length).writeBytes(bytes);
    }

    private static byte[] readBytes(ByteBuf from) {
        byte[] bytes = new byte[from.readInt()];
        from.readBytes(bytes);
        return bytes;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static BanEffect.Outcome banOutcome(@Nullable ByteBuf answer) {
        return answer == null ? BanEffect.Outcome.UNAVAILABLE : BanEffect.Outcome.valueOf(text(readBytes(answer)));
    }

    private static DelayEffect.Outcome delayOutcome(@Nullable ByteBuf answer) {
        return answer == null ? DelayEffect.Outcome.UNAVAILABLE : DelayEffect.Outcome.valueOf(text(readBytes(answer)));
    }

    private DelayedMessage message(byte[] key, byte[] value) {
        if (delays.decode(key, value) instanceof DelayFact.MessageDelayed delayed) {
            return delayed.message();
        }
        throw new IllegalArgumentException("not a delayed message");
    }

    // ---- at the leader

    @Override
    public NodeLink.Conversation begin(Loop connection) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                serve(body, connection, answer);
            }

            @Override
            public void ended() {}
        };
    }

    private void serve(ByteBuf body, Loop connection, NodeLink.Answer answer) {
        MqttNode here = node;
        if (here == null) {
            throw new IllegalStateException("asked before it was begun");
        }
        byte kind = body.readByte();
        if (kind == ShareLink.KIND && shares != null) {
            shares.onCall(body, connection, answer);
            return;
        }
        byte[] key = readBytes(body);
        byte[] value = readBytes(body);
        switch (kind) {
            case BAN -> {
                BanFact fact = bans.decode(key, value);
                if (fact instanceof BanFact.BanImposed imposed) {
                    here.bans.imposeHere(imposed.ban(), outcome -> answer(connection, answer, outcome));
                }
            }
            case UNBAN ->
                here.bans.liftHere(bans.decode(key, null).key(), outcome -> answer(connection, answer, outcome));
            case DELAY ->
                here.delayed.delayHere(
                        message(key, value), marks(body), connection, outcome -> answer(connection, answer, outcome));
            case CANCEL -> here.delayed.cancelHere(text(key), outcome -> answer(connection, answer, outcome));
            case LIST -> here.delayed.listHere(text(key), body.readInt(), page -> answer(connection, answer, page));
            default -> throw new IllegalArgumentException("call " + kind);
        }
    }

    private static List<RecordHeader> marks(ByteBuf body) {
        List<RecordHeader> marks = new ArrayList<>();
        for (int i = body.readUnsignedShort(); i > 0; i--) {
            marks.add(RecordHeader.of(text(readBytes(body)), text(readBytes(body))));
        }
        return marks;
    }

    private static void answer(Loop connection, NodeLink.Answer to, Enum<?> outcome) {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer();
        writeBytes(bytes, outcome.name().getBytes(StandardCharsets.US_ASCII));
        connection.run(() -> to.send(bytes));
    }

    private void answer(Loop connection, NodeLink.Answer to, MqttAdmin.DelayedPage page) {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer();
        bytes.writeInt(page.total());
        for (DelayedMessage message : page.messages()) {
            DelayFact fact = new DelayFact.MessageDelayed(message);
            writeBytes(bytes, delays.key(fact));
            byte[] value = delays.value(fact);
            writeBytes(bytes, value == null ? new byte[0] : value);
        }
        connection.run(() -> to.send(bytes));
    }
}
