package io.robustmq.core.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Fields of the messages between nodes. Stateless.
 *
 * <pre>
 *   string  length int16 · UTF-8      error  its name, a string      partition  topic id 2 × int64 · index int32      list  count int32 · items
 * </pre>
 */
public final class LinkFields {
    private static final int STRING_BYTES_MAX = 0xFFFF;

    private LinkFields() {}

    public static ByteBuf write(ByteBuf body, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > STRING_BYTES_MAX) {
            throw new IllegalArgumentException("a string of " + bytes.length + " bytes");
        }
        return body.writeShort(bytes.length).writeBytes(bytes);
    }

    public static String string(ByteBuf body) {
        int length = body.readUnsignedShort();
        return body.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }

    public static ByteBuf write(ByteBuf body, BrokerError error) {
        return write(body, error.name());
    }

    /** UNEXPECTED for an error that this version does not know. */
    public static BrokerError error(ByteBuf body) {
        String name = string(body);
        for (BrokerError error : BrokerError.values()) {
            if (error.name().equals(name)) {
                return error;
            }
        }
        return BrokerError.UNEXPECTED;
    }

    public static ByteBuf write(ByteBuf body, TopicId id) {
        return body.writeLong(id.high()).writeLong(id.low());
    }

    public static TopicId topicId(ByteBuf body) {
        return new TopicId(body.readLong(), body.readLong());
    }

    public static ByteBuf write(ByteBuf body, Partition partition) {
        return write(body, partition.topicId()).writeInt(partition.index());
    }

    public static Partition partition(ByteBuf body) {
        return new Partition(topicId(body), body.readInt());
    }

    public static <T> ByteBuf write(ByteBuf body, Collection<T> items, BiConsumer<ByteBuf, T> item) {
        body.writeInt(items.size());
        items.forEach(each -> item.accept(body, each));
        return body;
    }

    /** An item takes a byte at least, so that a count that is wrong reserves no memory. */
    public static <T> List<T> list(ByteBuf body, Function<ByteBuf, T> item) {
        int count = body.readInt();
        if (count < 0 || count > body.readableBytes()) {
            throw new IllegalArgumentException(count + " items in " + body.readableBytes() + " bytes");
        }
        List<T> items = new ArrayList<>(Math.min(count, 1_000));
        for (int i = 0; i < count; i++) {
            items.add(item.apply(body));
        }
        return items;
    }
}
