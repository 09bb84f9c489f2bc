package io.robustmq.journal.wal;

import io.robustmq.journal.log.NewerFormatException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a write-ahead file: a block with two copies of the header, then entries. Each sync begins at a block's
 * boundary, so that it never writes a block again that holds what was acknowledged. What an earlier use of the file left
 * behind the last entry carries another salt.
 *
 * <pre>
 * header   magic:4 version:4 sequence:8 salt:8 crc:4
 * entry    magic:4 crc of the rest of the head:4 salt:8 sync:8 position:8 length:4 crc of the bytes:4
 *          shard length:2 name length:2 0:4, shard, name, padding to 8, bytes, padding to 8
 * </pre>
 *
 * An entry with position {@link #FORGET} says that all earlier entries for its name are void; without a name, for its shard.
 */
final class WalCodec {
    static final int VERSION = 1;
    static final int BLOCK_BYTES = 4096;
    static final int FIXED_HEAD_BYTES = 48;
    static final int HEAD_BYTES_MAX = FIXED_HEAD_BYTES + 2 * 0xFFFF + 8;
    static final long FORGET = -1;

    private static final int HEADER_MAGIC = 0x524D5157;
    private static final int ENTRY_MAGIC = 0x524D5165;
    private static final int HEADER_BYTES = 28;
    private static final int HEADER_COPY_AT = BLOCK_BYTES / 2;
    private static final int ALIGNMENT = 8;
    private static final int CHECKED_FROM = 8;
    private static final int CRC_AT = 4;
    private static final int BYTES_CRC_AT = 36;

    private WalCodec() {}

    /** Which use of the file its entries belong to: {@code sequence} orders the files, {@code salt} cannot be guessed. */
    record Header(long sequence, long salt) {}

    /** The fixed part of an entry's head. */
    record Head(long sync, long position, int length, int bytesCrc, int shardLength, int nameLength) {
        int headBytes() {
            return aligned(FIXED_HEAD_BYTES + shardLength + nameLength);
        }

        long entryBytes() {
            return headBytes() + (long) aligned(length);
        }
    }

    static int aligned(int bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Fills the first block of {@code target}. */
    static void writeHeader(ByteBuffer target, Header header) {
        zero(target, 0, BLOCK_BYTES);
        writeHeader(target, 0, header);
        writeHeader(target, HEADER_COPY_AT, header);
    }

    private static void writeHeader(ByteBuffer target, int at, Header header) {
        target.putInt(at, HEADER_MAGIC)
                .putInt(at + 4, VERSION)
                .putLong(at + 8, header.sequence())
                .putLong(at + 16, header.salt());
        target.putInt(at + HEADER_BYTES - Integer.BYTES, crc(target, at, HEADER_BYTES - Integer.BYTES));
    }

    /** Null when neither copy is whole: the file was never used, was given up, or its first sync was cut short. */
    static @Nullable Header readHeader(ByteBuffer block, String name) throws NewerFormatException {
        Header first = readHeader(block, 0, name);
        return first != null ? first : readHeader(block, HEADER_COPY_AT, name);
    }

    private static @Nullable Header readHeader(ByteBuffer block, int at, String name) throws NewerFormatException {
        if (block.limit() < at + HEADER_BYTES
                || block.getInt(at) != HEADER_MAGIC
                || block.getInt(at + HEADER_BYTES - Integer.BYTES) != crc(block, at, HEADER_BYTES - Integer.BYTES)) {
            return null;
        }
        int version = block.getInt(at + 4);
        if (version > VERSION) {
            throw new NewerFormatException("the write-ahead file " + name + " has format " + version
                    + ", this version reads up to " + VERSION);
        }
        return new Header(block.getLong(at + 8), block.getLong(at + 16));
    }

    /** Writes an entry's head at {@code at}; its bytes, if any, are there already, behind the head. */
    static void writeHead(ByteBuffer target, int at, long salt, long sync, long position, int length, byte[][] names) {
        int headBytes = headBytes(names);
        zero(target, at + headBytes - ALIGNMENT, ALIGNMENT);
        target.putInt(at, ENTRY_MAGIC)
                .putLong(at + 8, salt)
                .putLong(at + 16, sync)
                .putLong(at + 24, position)
                .putInt(at + 32, length)
                .putInt(at + BYTES_CRC_AT, crc(target, at + headBytes, length))
                .putShort(at + 40, (short) names[0].length)
                .putShort(at + 42, (short) names[1].length)
                .putInt(at + 44, 0);
        put(target, at + FIXED_HEAD_BYTES, names[0]);
        put(target, at + FIXED_HEAD_BYTES + names[0].length, names[1]);
        target.putInt(at + CRC_AT, crc(target, at + CHECKED_FROM, headBytes - CHECKED_FROM));
    }

    static int headBytes(byte[][] names) {
        return aligned(FIXED_HEAD_BYTES + names[0].length + names[1].length);
    }

    /** Null when no entry of this salt begins at {@code at} whose head is whole within {@code limit}. */
    static @Nullable Head readHead(ByteBuffer source, int at, int limit, long salt) {
        if (limit - at < FIXED_HEAD_BYTES || source.getInt(at) != ENTRY_MAGIC || source.getLong(at + 8) != salt) {
            return null;
        }
        Head head = new Head(
                source.getLong(at + 16),
                source.getLong(at + 24),
                source.getInt(at + 32),
                source.getInt(at + BYTES_CRC_AT),
                Short.toUnsignedInt(source.getShort(at + 40)),
                Short.toUnsignedInt(source.getShort(at + 42)));
        int headBytes = head.headBytes();
        boolean whole = head.length() >= 0
                && headBytes <= limit - at
                && source.getInt(at + CRC_AT) == crc(source, at + CHECKED_FROM, headBytes - CHECKED_FROM);
        return whole ? head : null;
    }

    static int crc(ByteBuffer source, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(source.duplicate().limit(at + length).position(at));
        return (int) crc.getValue();
    }

    static void zero(ByteBuffer target, int at, int length) {
        for (int i = at; i < at + length; i++) {
            target.put(i, (byte) 0);
        }
    }

    private static void put(ByteBuffer target, int at, byte[] bytes) {
        target.put(at, bytes, 0, bytes.length);
    }
}
