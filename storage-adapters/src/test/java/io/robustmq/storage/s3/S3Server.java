package io.robustmq.storage.s3;

import io.robustmq.storage.s3.S3Config.S3Checksum;
import io.robustmq.storage.s3.S3Config.S3Encryption;
import io.robustmq.storage.s3.S3Config.S3Endpoint;
import io.robustmq.storage.s3.S3Config.S3Timeouts;
import java.net.URI;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** S3 over HTTP in this process, in memory, with signatures checked; see {@link AtomicBlobs}. Stores find their credentials in system properties. */
public final class S3Server {
    /** The least that is allowed, as with Amazon. */
    static final int PART_BYTES = 5 << 20;

    public static final String BUCKET = "bucket";

    private final BlobStoreContext blobs;
    private final S3Proxy proxy;

    public S3Server() throws Exception {
        this(0);
    }

    /** @param delayMs how long each content that is read or written takes more, 0 for as quick as it is */
    S3Server(long delayMs) throws Exception {
        System.setProperty("aws.accessKeyId", "identity");
        System.setProperty("aws.secretAccessKey", "credential");
        blobs = ContextBuilder.newBuilder(new TransientApiMetadata())
                .credentials("identity", "credential")
                .build(BlobStoreContext.class);
        blobs.getBlobStore().createContainerInLocation(null, BUCKET);
        BlobStore atomic = new AtomicBlobs(blobs.getBlobStore());
        proxy = S3Proxy.builder()
                .blobStore(delayMs == 0 ? atomic : new SlowBlobs(atomic, delayMs))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, "identity", "credential")
                .ignoreUnknownHeaders(true)
                .build();
        proxy.start();
    }

    public int port() {
        return proxy.getPort();
    }

    public S3Config config(String prefix, S3Checksum checksum) {
        return config(port(), prefix, checksum, S3Timeouts.DEFAULT);
    }

    static S3Config config(int port, String prefix, S3Checksum checksum, S3Timeouts timeouts) {
        return new S3Config(
                BUCKET,
                prefix,
                S3Endpoint.other(URI.create("http://127.0.0.1:" + port), "us-east-1"),
                S3Encryption.BUCKET_DEFAULT,
                checksum,
                PART_BYTES,
                timeouts);
    }

    public void stop() throws Exception {
        proxy.stop();
        blobs.close();
    }
}
