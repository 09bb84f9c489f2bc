package io.robustmq.storage.s3;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.Checksums;
import io.robustmq.storage.s3.S3Config.S3Checksum;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;

/** One method per request of the protocol: names become keys, exceptions StoreExceptions, and each request is counted. */
final class S3Calls {
    static final String TOKEN = "robustmq-token";
    static final String CRC32C = "robustmq-crc32c";
    private static final String NOT_IF_THERE = "*";
    private static final String CONTENT_TYPE = "application/octet-stream";

    private final S3Client client;
    private final S3Config config;
    private final RequestMeter meter;

    S3Calls(S3Client client, S3Config config, RequestMeter meter) {
        this.client = client;
        this.config = config;
        this.meter = meter;
    }

    void put(String name, UUID token, List<ByteBuffer> content) throws StoreException {
        String crc32c = base64(Checksums.crc32c(content));
        long bytes = bytes(content);
        call(
                RequestKind.PUT,
                bytes,
                "create " + name,
                () -> client.putObject(
                        put -> put.bucket(config.bucket())
                                .key(key(name))
                                .ifNoneMatch(NOT_IF_THERE)
                                .metadata(Map.of(TOKEN, token.toString(), CRC32C, crc32c))
                                .contentType(CONTENT_TYPE)
                                .serverSideEncryption(config.encryption().algorithm())
                                .ssekmsKeyId(config.encryption().kmsKeyId())
                                .checksumCRC32C(config.checksum() == S3Checksum.CRC32C ? crc32c : null)
                                .contentMD5(md5(content)),
                        body(content, bytes)));
    }

    /** Borrows {@code target}, fills it and moves its position, or leaves that as it is. */
    void get(String name, long position, ByteBuffer target) throws StoreException {
        int bytes = target.remaining();
        S3Range range = new S3Range(name, position, target);
        call(
                RequestKind.GET,
                bytes,
                "read " + name,
                () -> client.getObject(
                        get -> get.bucket(config.bucket()).key(key(name)).range(range.header()), range));
        target.position(target.position() + bytes);
    }

    long size(String name) throws StoreException {
        return head(name).contentLength();
    }

    /** Whose creation the object is; empty for one that was not created here. */
    Optional<UUID> token(String name) throws StoreException {
        String token = head(name).metadata().get(TOKEN);
        return token == null ? Optional.empty() : Optional.of(UUID.fromString(token));
    }

    ListObjectsV2Response list(String prefix, String after, int countMax, @Nullable String continuation)
            throws StoreException {
        return call(
                RequestKind.LIST,
                0,
                "list " + prefix,
                () -> client.listObjectsV2(list -> list.bucket(config.bucket())
                        .prefix(key(prefix))
                        .startAfter(after.isEmpty() ? null : key(after))
                        .continuationToken(continuation)
                        .maxKeys(countMax)));
    }

    void delete(String name) throws StoreException {
        call(
                RequestKind.DELETE,
                0,
                "delete " + name,
                () -> client.deleteObject(
                        delete -> delete.bucket(config.bucket()).key(key(name))));
    }

    DeleteObjectsResponse delete(List<String> names) throws StoreException {
        List<ObjectIdentifier> keys = names.stream()
                .map(name -> ObjectIdentifier.builder().key(key(name)).build())
                .toList();
        return call(
                RequestKind.DELETE,
                0,
                "delete " + names.size() + " objects",
                () -> client.deleteObjects(delete -> delete.bucket(config.bucket())
                        .delete(which -> which.objects(keys).quiet(true))));
    }

    /** The id of the upload. */
    String beginUpload(String name, UUID token) throws StoreException {
        boolean crc32c = config.checksum() == S3Checksum.CRC32C;
        return call(
                        RequestKind.PUT,
                        0,
                        "begin " + name,
                        () -> client.createMultipartUpload(upload -> upload.bucket(config.bucket())
                                .key(key(name))
                                .metadata(Map.of(TOKEN, token.toString()))
                                .contentType(CONTENT_TYPE)
                                .serverSideEncryption(config.encryption().algorithm())
                                .ssekmsKeyId(config.encryption().kmsKeyId())
                                .checksumAlgorithm(crc32c ? ChecksumAlgorithm.CRC32_C : null)))
                .uploadId();
    }

    CompletedPart uploadPart(String name, String uploadId, int number, ByteBuffer content) throws StoreException {
        List<ByteBuffer> parts = List.of(content);
        String crc32c = config.checksum() == S3Checksum.CRC32C ? base64(Checksums.crc32c(parts)) : null;
        int bytes = content.remaining();
        String etag = call(
                        RequestKind.PUT,
                        bytes,
                        "write part " + number + " of " + name,
                        () -> client.uploadPart(
                                part -> part.bucket(config.bucket())
                                        .key(key(name))
                                        .uploadId(uploadId)
                                        .partNumber(number)
                                        .checksumCRC32C(crc32c)
                                        .contentMD5(md5(parts)),
                                body(parts, bytes)))
                .eTag();
        return CompletedPart.builder()
                .partNumber(number)
                .eTag(etag)
                .checksumCRC32C(crc32c)
                .build();
    }

    void completeUpload(String name, String uploadId, List<CompletedPart> parts) throws StoreException {
        call(
                RequestKind.PUT,
                0,
                "seal " + name,
                () -> client.completeMultipartUpload(complete -> complete.bucket(config.bucket())
                        .key(key(name))
                        .uploadId(uploadId)
                        .ifNoneMatch(NOT_IF_THERE)
                        .multipartUpload(upload -> upload.parts(parts))));
    }

    void abortUpload(String key, String uploadId) throws StoreException {
        call(
                RequestKind.DELETE,
                0,
                "drop the upload of " + key,
                () -> client.abortMultipartUpload(
                        abort -> abort.bucket(config.bucket()).key(key).uploadId(uploadId)));
    }

    /** The uploads behind the {@code previous} page, if there is one. */
    ListMultipartUploadsResponse uploads(@Nullable ListMultipartUploadsResponse previous) throws StoreException {
        return call(
                RequestKind.LIST,
                0,
                "list uploads",
                () -> client.listMultipartUploads(uploads -> uploads.bucket(config.bucket())
                        .prefix(config.keyPrefix())
                        .keyMarker(previous == null ? null : previous.nextKeyMarker())
                        .uploadIdMarker(previous == null ? null : previous.nextUploadIdMarker())));
    }

    /** Whether the upload is one of this cluster's: some stores list all of them whatever the prefix. */
    boolean isOurs(MultipartUpload upload) {
        return upload.key().startsWith(config.keyPrefix());
    }

    String key(String name) {
        return config.keyPrefix() + name;
    }

    private HeadObjectResponse head(String name) throws StoreException {
        return call(
                RequestKind.HEAD,
                0,
                "look at " + name,
                () -> client.headObject(head -> head.bucket(config.bucket()).key(key(name))));
    }

    private <T> T call(RequestKind kind, long bytes, String what, Supplier<T> request) throws StoreException {
        meter.request(kind, bytes);
        try {
            return request.get();
        } catch (SdkException e) {
            throw S3Failures.of(what, e);
        }
    }

    private static RequestBody body(List<ByteBuffer> content, long bytes) {
        return RequestBody.fromContentProvider(() -> new BufferStream(content), bytes, CONTENT_TYPE);
    }

    private static long bytes(List<ByteBuffer> content) {
        return content.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** As S3 writes a checksum. */
    static String base64(int crc32c) {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(4).putInt(crc32c).array());
    }

    private @Nullable String md5(List<ByteBuffer> content) {
        if (config.checksum() != S3Checksum.MD5) {
            return null;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            content.forEach(part -> digest.update(part.duplicate()));
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }
}
