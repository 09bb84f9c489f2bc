package io.robustmq.storage.hdfs;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that stays open and is forced to the data nodes' disks with each append. One thread at a time. */
final class HdfsStream implements ObjectStream {
    private static final Logger LOG = LoggerFactory.getLogger(HdfsStream.class);
    private static final int BUFFER_BYTES = 64 << 10;

    private final DistributedFileSystem files;
    private final String name;
    private final Path file;
    private final RequestMeter meter;
    private final FSDataOutputStream out;
    private long sizeInBytes;
    private boolean broken;

    /** The caller sorts what the name node says. */
    HdfsStream(DistributedFileSystem files, String name, Path file, RequestMeter meter) throws IOException {
        this.files = files;
        this.name = name;
        this.file = file;
        this.meter = meter;
        // Each block is forced to disk when it ends; what hsync forces is the last one.
        this.out = files.create(
                file,
                FsPermission.getFileDefault(),
                EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK),
                BUFFER_BYTES,
                files.getDefaultReplication(file),
                files.getDefaultBlockSize(file),
                null);
    }

    /** HDFS mends its pipeline itself; when it cannot, or somebody has recovered the lease, the file takes no more. */
    @Override
    public long append(List<ByteBuffer> content) throws IOException {
        if (broken) {
            throw new StoreException(Kind.FATAL, name + " takes no more");
        }
        long bytes = content.stream().mapToLong(ByteBuffer::remaining).sum();
        meter.request(RequestKind.PUT, bytes);
        // Also whatever else comes out of the client leaves it unknown what is there.
        broken = true;
        try {
            for (ByteBuffer part : content) {
                write(part);
            }
            out.hsync();
        } catch (IOException e) {
            throw HdfsFailures.of("append to " + name, e);
        }
        broken = false;
        long position = sizeInBytes;
        sizeInBytes += bytes;
        return position;
    }

    private void write(ByteBuffer part) throws IOException {
        if (part.hasArray()) {
            out.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
        } else {
            byte[] copy = new byte[part.remaining()];
            part.duplicate().get(copy);
            out.write(copy);
        }
    }

    @Override
    public long sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public void close() throws IOException {
        boolean wasBroken = broken;
        broken = true;
        try {
            out.close();
        } catch (IOException e) {
            LOG.debug("stream={} action=recover its lease", name, e);
            wasBroken = true;
        }
        if (wasBroken) {
            recover();
        }
    }

    /** The client would keep the lease for as long as it lives. */
    private void recover() throws IOException {
        try {
            if (files.recoverLease(file)) {
                return;
            }
        } catch (IOException e) {
            throw HdfsFailures.of("close " + name, e);
        }
        throw new StoreException(Kind.RETRIABLE, "the name node closes " + name + " later");
    }
}
