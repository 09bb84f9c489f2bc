package io.robustmq.storage.s3;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where objects are in S3 and how they get there. Credentials are none of it: the SDK's default chain finds them
 * (environment, system properties, {@code ~/.aws}, the container's or the machine's role).
 *
 * @param prefix of every key, for this cluster alone: empty, or parts as {@code ObjectNames} has them
 * @param partBytes how large the parts of an object are that is written bit by bit, and so how much memory a writer needs;
 *     10,000 of them is the largest object. S3 takes no less than 5 MiB
 */
public record S3Config(
        String bucket,
        String prefix,
        S3Endpoint endpoint,
        S3Encryption encryption,
        S3Checksum checksum,
        int partBytes,
        S3Timeouts timeouts) {
    public static final int PART_BYTES_DEFAULT = 8 << 20;

    public S3Config {
        if (bucket.isEmpty()) {
            throw new IllegalArgumentException("a bucket is needed");
        }
        if (prefix.startsWith("/") || prefix.endsWith("/")) {
            throw new IllegalArgumentException("the prefix begins and ends without a slash: " + prefix);
        }
        if (partBytes < 1) {
            throw new IllegalArgumentException("parts of " + partBytes + " bytes");
        }
    }

    /** With the defaults of everything else. */
    public static S3Config of(String bucket, String prefix, S3Endpoint endpoint) {
        return new S3Config(
                bucket,
                prefix,
                endpoint,
                S3Encryption.BUCKET_DEFAULT,
                S3Checksum.CRC32C,
                PART_BYTES_DEFAULT,
                S3Timeouts.DEFAULT);
    }

    /** What comes before an object's name in its key. */
    String keyPrefix() {
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    /**
     * Which store it is.
     *
     * @param uri of a store that is not Amazon's; without one, Amazon's in the region
     * @param pathStyle whether the bucket is in the path and not in the host's name, as most other stores want it
     * @param bulkDelete whether one request may delete many objects, which some stores do not know
     */
    public record S3Endpoint(String region, @Nullable URI uri, boolean pathStyle, boolean bulkDelete) {
        public static S3Endpoint amazon(String region) {
            return new S3Endpoint(region, null, false, true);
        }

        public static S3Endpoint other(URI uri, String region) {
            return new S3Endpoint(region, uri, true, true);
        }
    }

    /**
     * Passed on as it is.
     *
     * @param algorithm {@code AES256}, {@code aws:kms}, ...; none leaves it to the bucket
     */
    public record S3Encryption(
            @Nullable String algorithm, @Nullable String kmsKeyId) {
        public static final S3Encryption BUCKET_DEFAULT = new S3Encryption(null, null);
    }

    /** What the store checks received content by. */
    public enum S3Checksum {
        /** As AWS has it since 2022, and most stores by now. */
        CRC32C,
        /** Content-MD5, which every store knows. */
        MD5,
        /** Left to TLS. */
        NONE
    }

    /**
     * How long is waited.
     *
     * @param connectMs for a connection
     * @param readMs without a byte of an answer
     * @param requestMs for one request with its answer's content; not for its repetitions, which are not made here
     */
    public record S3Timeouts(int connectMs, int readMs, int requestMs) {
        public static final S3Timeouts DEFAULT = new S3Timeouts(2_000, 10_000, 60_000);
    }
}
