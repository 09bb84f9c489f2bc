package io.robustmq.storage.object;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The last bytes of a file that holds an object, where the store has no other place for what belongs to it: magic and
 * version (4), CRC32C of the content (4), size of the content (8), token (16).
 */
public record ObjectTrailer(int crc32c, long sizeInBytes, UUID token) {
    public static final int BYTES = 32;

    /** "RMO" and the version. */
    private static final int MAGIC = 'R' << 24 | 'M' << 16 | 'O' << 8 | 1;

    public ByteBuffer toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .putInt(crc32c)
                .putLong(sizeInBytes)
                .putLong(token.getMostSignificantBits())
                .putLong(token.getLeastSignificantBits())
                .flip();
    }

    /** The size of the content in a file of {@code fileBytes}; CORRUPT if there is no room for a trailer. */
    public static long contentBytes(String name, long fileBytes) throws StoreException {
        if (fileBytes < BYTES) {
            throw new StoreException(Kind.CORRUPT, name + " has only " + fileBytes + " bytes");
        }
        return fileBytes - BYTES;
    }

    /** The same for lists: what is too short for a trailer is damaged, and whoever reads it is told. */
    public static long listedBytes(long fileBytes) {
        return Math.max(0, fileBytes - BYTES);
    }

    /** Borrows {@code bytes}; CORRUPT if they are no trailer of a file of {@code fileBytes}. */
    public static ObjectTrailer of(String name, long fileBytes, ByteBuffer bytes) throws StoreException {
        int magic = bytes.getInt(0);
        ObjectTrailer trailer =
                new ObjectTrailer(bytes.getInt(4), bytes.getLong(8), new UUID(bytes.getLong(16), bytes.getLong(24)));
        if (magic != MAGIC) {
            throw new StoreException(Kind.CORRUPT, name + " does not end as an object of this version");
        }
        if (trailer.sizeInBytes != contentBytes(name, fileBytes)) {
            throw new StoreException(
                    Kind.CORRUPT, name + " has " + (fileBytes - BYTES) + " bytes, not " + trailer.sizeInBytes);
        }
        return trailer;
    }

    /** CORRUPT if a read of {@code bytes} from {@code position} goes beyond the end. */
    public void checkRange(String name, long position, int bytes) throws StoreException {
        if (position < 0) {
            throw new IllegalArgumentException("position " + position);
        }
        if (bytes > sizeInBytes - position) {
            throw new StoreException(
                    Kind.CORRUPT, name + " has " + sizeInBytes + " bytes, too few for " + bytes + " from " + position);
        }
    }

    /** Borrows the content that was read; CORRUPT if it is the whole and not what was written. */
    public void checkContent(String name, ByteBuffer content) throws StoreException {
        if (content.remaining() == sizeInBytes && Checksums.crc32c(content) != crc32c) {
            throw new StoreException(Kind.CORRUPT, name + " fails its checksum");
        }
    }
}
