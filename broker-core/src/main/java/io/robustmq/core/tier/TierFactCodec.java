package io.robustmq.core.tier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.coordinator.FactCodec;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Partition;
import io.robustmq.core.tier.TierFact.Dropped;
import io.robustmq.core.tier.TierFact.Forgotten;
import io.robustmq.core.tier.TierFact.Led;
import io.robustmq.core.tier.TierFact.Stored;
import org.jspecify.annotations.Nullable;

/**
 * Facts as records of {@code __segments}. Stateless.
 *
 * <pre>
 *   key    kind int8 · partition · base offset int64 (kind 1)
 *   value  version int8 · fields; none: forgotten, or dropped
 * </pre>
 */
public final class TierFactCodec implements FactCodec<TierFact> {
    private static final int LED = 0;
    private static final int SEGMENT = 1;
    private static final int VERSION = 0;

    @Override
    public byte[] key(TierFact fact) {
        ByteBuf key = Unpooled.buffer(32);
        if (fact instanceof Stored stored) {
            return segmentKey(key, stored.partition(), stored.segment().baseOffset());
        }
        if (fact instanceof Dropped dropped) {
            return segmentKey(key, dropped.partition(), dropped.baseOffset());
        }
        return bytes(LinkFields.write(key.writeByte(LED), fact.partition()));
    }

    private static byte[] segmentKey(ByteBuf key, Partition partition, long baseOffset) {
        return bytes(LinkFields.write(key.writeByte(SEGMENT), partition).writeLong(baseOffset));
    }

    @Override
    public byte @Nullable [] value(TierFact fact) {
        ByteBuf value = Unpooled.buffer(128).writeByte(VERSION);
        if (fact instanceof Led led) {
            return bytes(value.writeInt(led.leaderEpoch())
                    .writeLong(led.term())
                    .writeLong(led.imageIndex())
                    .writeLong(led.goneAtMs()));
        }
        return fact instanceof Stored stored
                ? bytes(write(value, stored.segment()).writeLong(stored.retiredAtMs()))
                : null;
    }

    /** Also as nodes tell each other of it. */
    public static ByteBuf write(ByteBuf to, TierSegment segment) {
        to.writeLong(segment.baseOffset())
                .writeLong(segment.endOffset())
                .writeLong(segment.maxTimestamp())
                .writeInt(segment.bytes())
                .writeInt(segment.sideBytes())
                .writeInt(segment.leaderEpoch());
        return LinkFields.write(to, segment.name());
    }

    public static TierSegment readSegment(ByteBuf from) {
        return new TierSegment(
                from.readLong(),
                from.readLong(),
                from.readLong(),
                from.readInt(),
                from.readInt(),
                from.readInt(),
                LinkFields.string(from));
    }

    @Override
    public @Nullable TierFact decode(byte[] key, byte @Nullable [] value) {
        try {
            ByteBuf in = Unpooled.wrappedBuffer(key);
            int kind = in.readByte();
            Partition partition = LinkFields.partition(in);
            return switch (kind) {
                case LED -> value == null ? new Forgotten(partition) : led(partition, versioned(value));
                case SEGMENT ->
                    value == null ? new Dropped(partition, in.readLong()) : stored(partition, versioned(value));
                default -> throw new IllegalArgumentException("record of __segments of kind " + kind);
            };
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a record of __segments ends too early", e);
        }
    }

    private static Led led(Partition partition, ByteBuf in) {
        return new Led(partition, in.readInt(), in.readLong(), in.readLong(), in.readLong());
    }

    private static Stored stored(Partition partition, ByteBuf in) {
        TierSegment segment = readSegment(in);
        return new Stored(partition, segment, in.readLong());
    }

    private static ByteBuf versioned(byte[] value) {
        ByteBuf in = Unpooled.wrappedBuffer(value);
        int version = in.readByte();
        if (version != VERSION) {
            throw new IllegalArgumentException("record of __segments of version " + version);
        }
        return in;
    }

    private static byte[] bytes(ByteBuf out) {
        return ByteBufUtil.getBytes(out);
    }
}
