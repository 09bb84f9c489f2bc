package io.robustmq.storage.object;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** CRC32C of buffers, whose positions stay. */
public final class Checksums {
    private Checksums() {}

    public static int crc32c(ByteBuffer content) {
        return crc32c(List.of(content));
    }

    public static int crc32c(List<ByteBuffer> content) {
        CRC32C checksum = new CRC32C();
        for (ByteBuffer part : content) {
            checksum.update(part.duplicate());
        }
        return (int) checksum.getValue();
    }
}
