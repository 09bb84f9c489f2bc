package io.robustmq.storage.s3;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectNames;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectProbe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Objects in a bucket, below the cluster's prefix. A creation is a PUT with {@code If-None-Match: *}; its token and its
 * checksum are metadata of the object. Requests are made once: whoever wants them repeated wraps the store. Any thread.
 */
public final class S3ObjectStore implements ObjectStore {
    private static final Logger log = LoggerFactory.getLogger(S3ObjectStore.class);

    private final S3Client client;
    private final S3Config config;
    private final S3Calls calls;
    /** Whether the store is known to refuse that an upload in parts is completed where an object is. */
    private volatile boolean sealsConditionally;

    public S3ObjectStore(S3Config config, RequestMeter meter) {
        this.config = config;
        this.client = S3Clients.of(config);
        this.calls = new S3Calls(client, config, meter);
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        ObjectNames.checked(name);
        try {
            calls.put(name, token, content);
        } catch (StoreException e) {
            if (e.kind() != Kind.EXISTS || !isOwn(name, token)) {
                throw e;
            }
        }
    }

    @Override
    public ObjectWriter write(String name, UUID token) {
        return new S3ObjectWriter(this, calls, ObjectNames.checked(name), token, config.partBytes());
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        ObjectNames.checked(name);
        if (target.hasRemaining()) {
            calls.get(name, position, target);
        }
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        return new ObjectInfo(name, calls.size(ObjectNames.checked(name)));
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        int count = Math.min(countMax, PAGE_COUNT_MAX);
        ListObjectsV2Response page = calls.list(prefix, after, count, null);
        while (page.contents().isEmpty() && page.isTruncated()) {
            page = calls.list(prefix, after, count, page.nextContinuationToken());
        }
        int start = config.keyPrefix().length();
        List<ObjectInfo> objects = page.contents().stream()
                .map(object -> new ObjectInfo(object.key().substring(start), object.size()))
                .toList();
        return new ObjectPage(objects, page.isTruncated());
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        List<String> left = new ArrayList<>(names);
        left.forEach(ObjectNames::checked);
        if (!config.endpoint().bulkDelete() || left.size() == 1) {
            for (int i = 0; i < left.size(); i++) {
                if (i > 0) {
                    CrashPoint.OBJECT_DELETED.reached();
                }
                deleteOne(left.get(i));
            }
            return;
        }
        for (int at = 0; at < left.size(); at += PAGE_COUNT_MAX) {
            List<String> some = left.subList(at, Math.min(left.size(), at + PAGE_COUNT_MAX));
            expectNoErrors(calls.delete(some).errors());
        }
    }

    @Override
    public int sweep(long startedBeforeMs) throws IOException {
        int swept = 0;
        ListMultipartUploadsResponse page = null;
        do {
            page = calls.uploads(page);
            for (MultipartUpload upload : page.uploads()) {
                if (calls.isOurs(upload) && upload.initiated().toEpochMilli() < startedBeforeMs) {
                    swept += dropUpload(upload.key(), upload.uploadId()) ? 1 : 0;
                }
            }
        } while (page.isTruncated() != null && page.isTruncated());
        return swept;
    }

    @Override
    public void check() throws IOException {
        ObjectProbe.run(this);
        boolean conditional = refusesToSealTwice();
        if (!conditional) {
            log.warn(
                    "bucket={} completes uploads in parts over an object that is there; looking before is done instead",
                    config.bucket());
        }
        sealsConditionally = conditional;
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public void close() {
        client.close();
    }

    boolean sealsConditionally() {
        return sealsConditionally;
    }

    /** Whether what is there was created by this token. It was deleted meanwhile if it is not there: that is RETRIABLE. */
    boolean isOwn(String name, UUID token) throws StoreException {
        try {
            return calls.token(name).filter(token::equals).isPresent();
        } catch (StoreException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                throw new StoreException(Kind.RETRIABLE, name + " was there and is not any more", e);
            }
            throw e;
        }
    }

    /** False if there is none: it is completed, or was dropped before. */
    boolean dropUpload(String key, String uploadId) throws StoreException {
        try {
            calls.abortUpload(key, uploadId);
            return true;
        } catch (StoreException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private void deleteOne(String name) throws StoreException {
        try {
            calls.delete(name);
        } catch (StoreException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    private static void expectNoErrors(List<S3Error> errors) throws StoreException {
        StoreException worst = null;
        for (S3Error error : errors) {
            Kind kind =
                    switch (error.code()) {
                        case "NoSuchKey" -> Kind.NOT_FOUND;
                        case "AccessDenied" -> Kind.FATAL;
                        default -> Kind.RETRIABLE;
                    };
            if (kind != Kind.NOT_FOUND && (worst == null || kind == Kind.FATAL)) {
                String text = "delete " + error.key() + ": " + error.code() + " " + error.message();
                worst = new StoreException(kind, errors.size() > 1 ? text + ", of " + errors.size() : text);
            }
        }
        if (worst != null) {
            throw worst;
        }
    }

    private boolean refusesToSealTwice() throws IOException {
        UUID token = UUID.randomUUID();
        String name = ".check/" + token;
        create(name, token, List.of(ByteBuffer.allocate(1)));
        String uploadId = calls.beginUpload(name, UUID.randomUUID());
        try {
            calls.completeUpload(name, uploadId, List.of(calls.uploadPart(name, uploadId, 1, ByteBuffer.allocate(1))));
            return false;
        } catch (StoreException e) {
            if (e.kind() == Kind.RETRIABLE || e.kind() == Kind.FATAL) {
                throw e;
            }
            return e.kind() == Kind.EXISTS;
        } finally {
            dropUpload(calls.key(name), uploadId);
            delete(List.of(name));
        }
    }
}
