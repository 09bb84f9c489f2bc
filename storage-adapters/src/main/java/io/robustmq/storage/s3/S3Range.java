package io.robustmq.storage.s3;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.storage.object.Checksums;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Takes exactly the bytes that were asked for from an answer, or none. One thread; borrows the target. */
final class S3Range implements ResponseTransformer<GetObjectResponse, Boolean> {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");
    private static final int CHUNK_BYTES = 32 << 10;

    private final String name;
    private final long position;
    private final ByteBuffer target;

    S3Range(String name, long position, ByteBuffer target) {
        if (position < 0) {
            throw new IllegalArgumentException("position " + position);
        }
        this.name = name;
        this.position = position;
        this.target = target;
    }

    String header() {
        return "bytes=" + position + "-" + (position + target.remaining() - 1);
    }

    @Override
    public Boolean transform(GetObjectResponse response, AbortableInputStream content) throws IOException {
        long sizeInBytes = checkedSize(response);
        ByteBuffer filled = target.duplicate();
        try {
            fill(content, filled);
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException(Kind.RETRIABLE, "read " + name + ": " + e, e);
        }
        String crc32c = response.metadata().get(S3Calls.CRC32C);
        boolean whole = position == 0 && target.remaining() == sizeInBytes;
        if (whole && crc32c != null && !crc32c.equals(S3Calls.base64(Checksums.crc32c(target)))) {
            throw new StoreException(Kind.CORRUPT, name + " fails its checksum");
        }
        return true;
    }

    /** The size of the object, of which the answer is the part that was asked for. */
    private long checkedSize(GetObjectResponse response) throws StoreException {
        int bytes = target.remaining();
        if (response.contentRange() == null) {
            if (position == 0 && response.contentLength() == bytes) {
                return bytes;
            }
            if (response.contentLength() - position < bytes) {
                throw tooShort(response.contentLength());
            }
            throw new StoreException(Kind.FATAL, "the store does not read ranges of objects");
        }
        Matcher range = CONTENT_RANGE.matcher(response.contentRange());
        if (!range.matches() || Long.parseLong(range.group(1)) != position) {
            throw new StoreException(Kind.FATAL, "the store answers " + header() + " by " + response.contentRange());
        }
        long sizeInBytes = Long.parseLong(range.group(3));
        if (sizeInBytes - position < bytes) {
            throw tooShort(sizeInBytes);
        }
        if (Long.parseLong(range.group(2)) != position + bytes - 1) {
            throw new StoreException(Kind.FATAL, "the store answers " + header() + " by " + response.contentRange());
        }
        return sizeInBytes;
    }

    private void fill(InputStream content, ByteBuffer filled) throws IOException {
        byte[] chunk = filled.hasArray() ? filled.array() : new byte[Math.min(CHUNK_BYTES, filled.remaining())];
        while (filled.hasRemaining()) {
            int offset = filled.hasArray() ? filled.arrayOffset() + filled.position() : 0;
            int length = filled.hasArray() ? filled.remaining() : Math.min(chunk.length, filled.remaining());
            int read = content.read(chunk, offset, length);
            if (read < 0) {
                throw new StoreException(
                        Kind.RETRIABLE,
                        "read " + name + ": the answer ended " + filled.remaining() + " bytes before its end");
            }
            if (filled.hasArray()) {
                filled.position(filled.position() + read);
            } else {
                filled.put(chunk, 0, read);
            }
        }
    }

    private StoreException tooShort(long sizeInBytes) {
        return new StoreException(
                Kind.CORRUPT,
                name + " has " + sizeInBytes + " bytes, too few for " + target.remaining() + " from " + position);
    }
}
