package io.robustmq.journal.home.sweep;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.model.Partition;
import io.robustmq.journal.home.PackName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of what nodes ask each other about packs. Malformed ones are an IndexOutOfBounds- or IllegalArgumentException. Stateless.
 *
 * <pre>
 *   question  0 int8 · partitions, a list: what they need
 *           | 1 int8 · partition · reads int8: whether that is there
 *   answer    0 int8 · partition that is not known
 *           | 1 int8 · lives, a list:  node int32 · life int64 · count varint · for each pack, in order: sequence - the one before, varint
 *           | 2 int8 · packs int32 · faults, a list of strings
 * </pre>
 */
final class PacksCodec {
    private static final byte LIVE = 0;
    private static final byte CHECK = 1;
    private static final byte UNKNOWN = 0;
    private static final byte KNOWN = 1;
    private static final byte CHECKED = 2;
    private static final int VARINT_BITS = 7;
    private static final int MORE = 0x80;
    private static final int VARINT_BYTES_MAX = 9;

    private PacksCodec() {}

    static ByteBuf question(List<Partition> partitions) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64).writeByte(LIVE);
        return LinkFields.write(body, partitions, LinkFields::write);
    }

    static ByteBuf checkQuestion(Partition partition, boolean reads) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64).writeByte(CHECK);
        return LinkFields.write(body, partition).writeBoolean(reads);
    }

    /**
     * What another node wants to know.
     *
     * @param checks whether all is there that the one partition refers to; else what all of them need
     */
    record Question(List<Partition> partitions, boolean checks, boolean reads) {}

    static Question readQuestion(ByteBuf body) {
        byte kind = body.readByte();
        if (kind == CHECK) {
            return new Question(List.of(LinkFields.partition(body)), true, body.readBoolean());
        }
        List<Partition> partitions = LinkFields.list(body, LinkFields::partition);
        if (kind != LIVE || partitions.isEmpty() || partitions.size() > PackPeers.PARTITIONS_MAX) {
            throw new IllegalArgumentException("question " + kind + " about " + partitions.size() + " partitions");
        }
        return new Question(partitions, false, false);
    }

    static ByteBuf answer(PackCheck.Checked checked) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64).writeByte(CHECKED).writeInt(checked.packs());
        return LinkFields.write(body, checked.faults(), LinkFields::write);
    }

    /** Null where it could not be looked. */
    static PackCheck.@Nullable Checked readChecked(ByteBuf body) {
        byte kind = body.readByte();
        return kind == CHECKED
                ? new PackCheck.Checked(body.readInt(), LinkFields.list(body, LinkFields::string))
                : null;
    }

    static ByteBuf answer(PackPeers.Answer answer) {
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64);
        Partition unknown = answer.unknown();
        return unknown == null
                ? LinkFields.write(body.writeByte(KNOWN), lives(answer.packs()), PacksCodec::writeLife)
                : LinkFields.write(body.writeByte(UNKNOWN), unknown);
    }

    private static Collection<List<PackName>> lives(Set<PackName> packs) {
        List<List<PackName>> lives = new ArrayList<>();
        PackName last = null;
        for (PackName pack : new TreeSet<>(packs)) {
            if (last == null || last.node() != pack.node() || last.life() != pack.life()) {
                lives.add(new ArrayList<>());
            }
            lives.get(lives.size() - 1).add(pack);
            last = pack;
        }
        return lives;
    }

    private static void writeLife(ByteBuf body, List<PackName> packs) {
        body.writeInt(packs.get(0).node()).writeLong(packs.get(0).life());
        writeVarint(body, packs.size());
        long last = 0;
        for (PackName pack : packs) {
            writeVarint(body, pack.sequence() - last);
            last = pack.sequence();
        }
    }

    static PackPeers.Answer readAnswer(ByteBuf body) {
        byte kind = body.readByte();
        if (kind == UNKNOWN) {
            return PackPeers.Answer.unknown(LinkFields.partition(body));
        }
        if (kind != KNOWN) {
            throw new IllegalArgumentException("answer " + kind + " is not known");
        }
        Set<PackName> packs = new HashSet<>();
        LinkFields.list(body, each -> readLife(each, packs));
        return PackPeers.Answer.known(packs);
    }

    private static long readLife(ByteBuf body, Set<PackName> packs) {
        int node = body.readInt();
        long life = body.readLong();
        long count = readVarint(body);
        if (count > PackPeers.PACKS_MAX - packs.size()) {
            throw new IllegalArgumentException(count + " packs and " + packs.size());
        }
        long sequence = 0;
        for (long i = 0; i < count; i++) {
            sequence += readVarint(body);
            packs.add(new PackName(node, life, sequence));
        }
        return count;
    }

    /** Of no more than 63 bits. */
    private static void writeVarint(ByteBuf body, long value) {
        long rest = value;
        while (rest >= MORE) {
            body.writeByte((int) (rest & (MORE - 1)) | MORE);
            rest >>>= VARINT_BITS;
        }
        body.writeByte((int) rest);
    }

    private static long readVarint(ByteBuf body) {
        long value = 0;
        for (int i = 0; i < VARINT_BYTES_MAX; i++) {
            byte next = body.readByte();
            value |= (long) (next & (MORE - 1)) << (i * VARINT_BITS);
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 63 bits");
    }
}
