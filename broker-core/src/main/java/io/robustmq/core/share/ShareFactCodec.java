package io.robustmq.core.share;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.coordinator.FactCodec;
import io.robustmq.core.group.KafkaFields;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.share.ShareFact.Forgotten;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareFact.StoredRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Facts as the snapshots that Kafka keeps in {@code __share_group_state} (ShareSnapshotKey and ShareSnapshotValue, version
 * 0), so that tools which read that topic read ours. Kafka's updates to a snapshot are not written: every record is whole,
 * and the topic is compacted. Stateless.
 */
public final class ShareFactCodec implements FactCodec<ShareFact> {
    private static final int SNAPSHOT_KEY = 0;
    private static final int SNAPSHOT_VALUE = 0;
    /** Updates would name the snapshot that they belong to; there are none. */
    private static final int SNAPSHOT_EPOCH = 0;

    private static final long NO_TIME = -1;
    private static final int DONE_TAG = 0;
    /** Not one of Kafka's, which passes over it. */
    private static final int IMAGE_INDEX_TAG = 10_000;

    @Override
    public byte[] key(ShareFact fact) {
        ByteBuf out = Unpooled.buffer(64);
        ShareKey key = fact.key();
        out.writeShort(SNAPSHOT_KEY);
        KafkaFields.writeString(out, key.groupId());
        out.writeLong(key.partition().topicId().high());
        out.writeLong(key.partition().topicId().low());
        out.writeInt(key.partition().index());
        return KafkaFields.bytes(out);
    }

    @Override
    public byte @Nullable [] value(ShareFact fact) {
        if (!(fact instanceof Progressed progress)) {
            return null;
        }
        ByteBuf out = Unpooled.buffer(64);
        out.writeShort(SNAPSHOT_VALUE);
        out.writeInt(SNAPSHOT_EPOCH);
        out.writeInt(progress.epoch());
        out.writeInt(progress.leaderEpoch());
        out.writeLong(progress.start());
        out.writeLong(NO_TIME);
        out.writeLong(NO_TIME);
        KafkaFields.writeUnsignedVarint(out, progress.runs().size() + 1);
        int done = 0;
        for (StoredRun run : progress.runs()) {
            out.writeLong(run.first());
            out.writeLong(run.last());
            out.writeByte(run.state().code());
            out.writeShort(run.deliveries());
            KafkaFields.writeUnsignedVarint(out, 0);
            done += run.state().isFinal() ? (int) (run.last() - run.first() + 1) : 0;
        }
        boolean indexed = progress.imageIndex() != ShareCommand.UNKNOWN_INDEX;
        KafkaFields.writeUnsignedVarint(out, indexed ? 2 : 1);
        KafkaFields.writeUnsignedVarint(out, DONE_TAG);
        KafkaFields.writeUnsignedVarint(out, Integer.BYTES);
        out.writeInt(done);
        if (indexed) {
            KafkaFields.writeUnsignedVarint(out, IMAGE_INDEX_TAG);
            KafkaFields.writeUnsignedVarint(out, Long.BYTES);
            out.writeLong(progress.imageIndex());
        }
        return KafkaFields.bytes(out);
    }

    @Override
    public @Nullable ShareFact decode(byte[] key, byte @Nullable [] value) {
        try {
            return decode(Unpooled.wrappedBuffer(key), value == null ? null : Unpooled.wrappedBuffer(value));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a record of __share_group_state ends too early", e);
        }
    }

    private static @Nullable ShareFact decode(ByteBuf in, @Nullable ByteBuf value) {
        int kind = in.readShort();
        if (kind != SNAPSHOT_KEY) {
            throw new IllegalArgumentException("record of __share_group_state with key " + kind);
        }
        String groupId = KafkaFields.readString(in);
        TopicId topicId = new TopicId(in.readLong(), in.readLong());
        ShareKey key = new ShareKey(groupId, new Partition(topicId, in.readInt()));
        return value == null ? new Forgotten(key) : decode(key, value);
    }

    private static Progressed decode(ShareKey key, ByteBuf in) {
        int version = in.readShort();
        if (version != SNAPSHOT_VALUE) {
            throw new IllegalArgumentException("snapshot of a share partition of version " + version);
        }
        in.skipBytes(Integer.BYTES);
        int epoch = in.readInt();
        int leaderEpoch = in.readInt();
        long start = in.readLong();
        in.skipBytes(2 * Long.BYTES);
        List<StoredRun> runs = new ArrayList<>();
        long next = start;
        for (int left = KafkaFields.readCount(in); left > 0; left--) {
            StoredRun run = new StoredRun(in.readLong(), in.readLong(), RecordState.of(in.readByte()), in.readShort());
            if (run.first() < next || run.last() < run.first() || run.state() == RecordState.ACQUIRED) {
                throw new IllegalArgumentException("snapshot of a share partition with " + run + " at " + next);
            }
            next = run.last() + 1;
            KafkaFields.skipTaggedFields(in);
            runs.add(run);
        }
        return new Progressed(key, epoch, leaderEpoch, imageIndex(in), start, runs);
    }

    private static long imageIndex(ByteBuf in) {
        long index = ShareCommand.UNKNOWN_INDEX;
        for (int left = KafkaFields.readUnsignedVarint(in); left > 0; left--) {
            int tag = KafkaFields.readUnsignedVarint(in);
            ByteBuf field = in.readSlice(KafkaFields.readUnsignedVarint(in));
            if (tag == IMAGE_INDEX_TAG) {
                index = field.readLong();
            }
        }
        return index;
    }
}
