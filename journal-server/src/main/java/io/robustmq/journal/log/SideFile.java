package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The frame of small files: magic, version, length, checksum, content. A version above the known one refuses to open. */
final class SideFile {
    static final int FRAME_BYTES = 16;

    private static final int MAGIC = 0x524D5153;

    private SideFile() {}

    /** Takes {@code content}. */
    static byte[] frame(int version, ByteBuf content) {
        try {
            byte[] bytes = ByteBufUtil.getBytes(content);
            ByteBuffer framed = ByteBuffer.allocate(FRAME_BYTES + bytes.length);
            framed.putInt(MAGIC).putInt(version).putInt(bytes.length).putInt(crc(bytes, 0, bytes.length));
            return framed.put(bytes).array();
        } finally {
            content.release();
        }
    }

    /** The content, on the heap. */
    static ByteBuf read(SegmentStore store, String shard, String name, int versionMax) throws IOException {
        byte[] bytes = readAll(store, shard, name);
        if (bytes.length < FRAME_BYTES) {
            throw corrupt(shard, name, "is cut short");
        }
        ByteBuf framed = Unpooled.wrappedBuffer(bytes);
        if (framed.readInt() != MAGIC) {
            throw corrupt(shard, name, "is no side file");
        }
        checkVersion(shard, name, framed.readInt(), versionMax);
        int length = framed.readInt();
        int crc = framed.readInt();
        if (length != framed.readableBytes() || crc != crc(bytes, FRAME_BYTES, length)) {
            throw corrupt(shard, name, "fails its checksum");
        }
        return framed;
    }

    static void checkVersion(String shard, String name, int version, int versionMax) throws NewerFormatException {
        if (version > versionMax) {
            throw new NewerFormatException(
                    name + " of " + shard + " has format " + version + ", this version reads up to " + versionMax);
        }
    }

    static byte[] readAll(SegmentStore store, String shard, String name) throws IOException {
        try (SegmentFile file = store.open(shard, name)) {
            byte[] bytes = new byte[Math.toIntExact(file.size())];
            file.read(0, ByteBuffer.wrap(bytes));
            return bytes;
        }
    }

    static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private static StoreException corrupt(String shard, String name, String what) {
        return new StoreException(Kind.CORRUPT, name + " of " + shard + " " + what);
    }
}
