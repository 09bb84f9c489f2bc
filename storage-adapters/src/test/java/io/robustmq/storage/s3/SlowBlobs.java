package io.robustmq.storage.s3;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.domain.Blob;
import org.jclouds.blobstore.domain.MultipartPart;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.options.GetOptions;
import org.jclouds.blobstore.util.ForwardingBlobStore;
import org.jclouds.io.Payload;

/** Blobs that are as far away as S3 is: each content that is read or written takes so long more. */
final class SlowBlobs extends ForwardingBlobStore {
    private final long delayMs;

    SlowBlobs(BlobStore blobs, long delayMs) {
        super(blobs);
        this.delayMs = delayMs;
    }

    @Override
    public Blob getBlob(String container, String name, GetOptions options) {
        travel();
        return super.getBlob(container, name, options);
    }

    @Override
    public MultipartPart uploadMultipartPart(MultipartUpload upload, int number, Payload payload) {
        travel();
        return super.uploadMultipartPart(upload, number, payload);
    }

    private void travel() {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
