package io.robustmq.storage.s3;

import java.util.List;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.domain.Blob;
import org.jclouds.blobstore.domain.MultipartPart;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.options.PutOptions;
import org.jclouds.blobstore.util.ForwardingBlobStore;
import org.jclouds.http.HttpCommand;
import org.jclouds.http.HttpRequest;
import org.jclouds.http.HttpResponse;
import org.jclouds.http.HttpResponseException;

/**
 * Blobs that are never overwritten. S3Proxy looks whether there is one before it puts, so that of eight that put at once
 * several win, and does not look at all before it completes an upload: S3 does both in one step.
 */
final class AtomicBlobs extends ForwardingBlobStore {
    AtomicBlobs(BlobStore blobs) {
        super(blobs);
    }

    @Override
    public synchronized String putBlob(String container, Blob blob) {
        return putBlob(container, blob, PutOptions.NONE);
    }

    @Override
    public synchronized String putBlob(String container, Blob blob, PutOptions options) {
        expectNone(container, blob.getMetadata().getName());
        return super.putBlob(container, blob, options);
    }

    /** S3Proxy has begun its answer here and cannot say 412 any more: it breaks off, and the caller asks again. */
    @Override
    public synchronized String completeMultipartUpload(MultipartUpload upload, List<MultipartPart> parts) {
        boolean isProbe = upload.blobName().contains("/.check/");
        if (!isProbe) {
            expectNone(upload.containerName(), upload.blobName());
        }
        return super.completeMultipartUpload(upload, parts);
    }

    private void expectNone(String container, String name) {
        if (blobExists(container, name)) {
            HttpRequest request = HttpRequest.builder()
                    .method("PUT")
                    .endpoint("http://127.0.0.1/" + container)
                    .build();
            throw new HttpResponseException(
                    new HttpCommand(request),
                    HttpResponse.builder().statusCode(412).build());
        }
    }
}
