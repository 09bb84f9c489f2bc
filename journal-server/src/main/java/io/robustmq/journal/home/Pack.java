package io.robustmq.journal.home;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.Partition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Appends that are stored together. Filled under the packer's lock, then owned by the thread that stores it.
 *
 * <pre>
 *   magic int32 · version int8 · the batches, each partition's in one piece · for each partition: topic id and index as text,
 *   position int32, bytes int32 · number of partitions int32 · where their list begins int32 · magic int32
 * </pre>
 */
final class Pack {
    private static final int MAGIC = 0x524D5150;
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = Integer.BYTES + 1;

    private final Map<PackOwner, List<PackEntry>> entries = new LinkedHashMap<>();
    private int bytes;

    void add(PackEntry entry) {
        entries.computeIfAbsent(entry.owner, owner -> new ArrayList<>()).add(entry);
        bytes += entry.bytes;
    }

    int bytes() {
        return bytes;
    }

    void goesInto(PackName name) {
        entries.values().forEach(ofOwner -> ofOwner.forEach(entry -> entry.goesInto(name)));
    }

    /** Where it begins in what it is stored in. */
    void isAt(int place) {
        entries.values().forEach(ofOwner -> ofOwner.forEach(entry -> entry.packIsAt(place)));
    }

    /** What is stored; every entry knows where it is in it. Its buffers are needed no more. */
    byte[] encode() {
        int size = HEAD_BYTES + bytes + 3 * Integer.BYTES;
        List<byte[]> names = new ArrayList<>();
        for (PackOwner owner : entries.keySet()) {
            byte[] name = owner.partition().toString().getBytes(StandardCharsets.UTF_8);
            names.add(name);
            size += Short.BYTES + name.length + 2 * Integer.BYTES;
        }
        byte[] object = new byte[size];
        ByteBuf out = Unpooled.wrappedBuffer(object).clear();
        out.writeInt(MAGIC).writeByte(VERSION);
        ByteBuf list = Unpooled.buffer(size - bytes);
        int index = 0;
        for (List<PackEntry> ofOwner : entries.values()) {
            int begin = out.writerIndex();
            for (PackEntry entry : ofOwner) {
                entry.isAt(out.writerIndex(), size);
                out.writeBytes(entry.batches, entry.batches.readerIndex(), entry.bytes);
            }
            byte[] name = names.get(index++);
            list.writeShort(name.length).writeBytes(name);
            list.writeInt(begin).writeInt(out.writerIndex() - begin);
        }
        int listAt = out.writerIndex();
        out.writeBytes(list).writeInt(names.size()).writeInt(listAt).writeInt(MAGIC);
        if (out.writerIndex() != size) {
            throw new AssertionError(out.writerIndex() + " of " + size);
        }
        return object;
    }

    /** Who has something in it. */
    List<Partition> partitions() {
        return entries.keySet().stream().map(PackOwner::partition).toList();
    }

    List<PackEntry> all() {
        return entries.values().stream().flatMap(List::stream).toList();
    }

    void tellOwners() {
        entries.forEach(PackOwner::packed);
    }
}
