package io.robustmq.storage.hdfs;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.CannotObtainBlockLengthException;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;
import org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException;
import org.apache.hadoop.ipc.RemoteException;

/**
 * Streams as files, {@code root/streams/name}, as they are appended to. A file is sealed when it is closed: only who created it
 * appends, and nobody opens it again to write. Closing it in another's place is what HDFS calls to recover the lease: the data nodes
 * stop the writer, and agree on a length that has all that they acknowledged. Any thread; many processes may share the root.
 */
final class HdfsObjectStreams implements ObjectStreams {
    /** Longer than data nodes need to hear of it, by their heartbeats, and to agree. */
    private static final long SEAL_SECONDS_MAX = 30;

    private static final long PAUSE_MS_MIN = 50;
    private static final long PAUSE_MS_MAX = 1_000;

    private final DistributedFileSystem files;
    private final HdfsTree tree;
    private final RequestMeter meter;

    HdfsObjectStreams(DistributedFileSystem files, Path root, RequestMeter meter) {
        this.files = files;
        this.tree = new HdfsTree(files, root, bytes -> bytes, meter);
        this.meter = meter;
    }

    @Override
    public ObjectStream open(String name) throws IOException {
        meter.request(RequestKind.PUT, 0);
        Path path = tree.path(name);
        try {
            return new HdfsStream(files, name, path, meter);
        } catch (IOException e) {
            if (isBeingWritten(e)) {
                throw new StoreException(Kind.EXISTS, name + " exists", e);
            }
            throw HdfsFailures.of("open " + name, e);
        }
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        int bytes = target.remaining();
        if (bytes == 0) {
            return;
        }
        meter.request(RequestKind.GET, bytes);
        Path path = tree.path(name);
        try (FSDataInputStream in = files.open(path)) {
            long there = length(in);
            if (position < 0 || bytes > there - position) {
                throw new StoreException(
                        Kind.CORRUPT, name + " has " + there + " bytes, too few for " + bytes + " from " + position);
            }
            byte[] content = target.hasArray() ? target.array() : new byte[bytes];
            int offset = target.hasArray() ? target.arrayOffset() + target.position() : 0;
            in.readFully(position, content, offset, bytes);
            if (target.hasArray()) {
                target.position(target.position() + bytes);
            } else {
                target.put(content);
            }
        } catch (IOException e) {
            throw unreadable("read " + name, path, e);
        }
    }

    @Override
    public long sizeInBytes(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        Path path = tree.path(name);
        try (FSDataInputStream in = files.open(path)) {
            return length(in);
        } catch (IOException e) {
            throw unreadable("look at " + name, path, e);
        }
    }

    /** The last block's length is asked of a data node while it is written. */
    private static long length(FSDataInputStream in) {
        if (in instanceof HdfsDataInputStream known) {
            return known.getVisibleLength();
        }
        throw new AssertionError(in);
    }

    /** When no data node knows how long the last block is, its writer cannot go on either, or is gone. */
    private StoreException unreadable(String what, Path path, IOException cause) {
        if (cause instanceof CannotObtainBlockLengthException) {
            try {
                boolean unused = files.recoverLease(path);
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
        return HdfsFailures.of(what, cause);
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return tree.list(prefix, after, countMax);
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        tree.delete(names);
    }

    @Override
    public long seal(String name) throws IOException {
        meter.request(RequestKind.PUT, 0);
        Path path = tree.path(name);
        long began = System.nanoTime();
        try {
            for (long pauseMs = PAUSE_MS_MIN; !isSealedNow(path); pauseMs = Math.min(PAUSE_MS_MAX, 2 * pauseMs)) {
                if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(SEAL_SECONDS_MAX)) {
                    throw new StoreException(Kind.RETRIABLE, "the lease of " + name + " is not recovered yet");
                }
                pause(pauseMs);
            }
            return files.getFileStatus(path).getLen();
        } catch (IOException e) {
            throw HdfsFailures.of("seal " + name, e);
        }
    }

    /** Asks for it, as often as it is not; the name node knows when that is under way. */
    private boolean isSealedNow(Path path) throws IOException {
        try {
            return files.isFileClosed(path) || files.recoverLease(path);
        } catch (IOException e) {
            if (isBeingWritten(e)) {
                return false;
            }
            throw e;
        }
    }

    private static void pause(long ms) throws StoreException {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.RETRIABLE, "interrupted", e);
        }
    }

    @Override
    public boolean isSealed(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        try {
            return files.isFileClosed(tree.path(name));
        } catch (FileNotFoundException e) {
            throw new StoreException(Kind.NOT_FOUND, name + " does not exist", e);
        } catch (IOException e) {
            throw HdfsFailures.of("look at " + name, e);
        }
    }

    private static boolean isBeingWritten(IOException failure) {
        IOException said = failure instanceof RemoteException remote ? remote.unwrapRemoteException() : failure;
        return said instanceof AlreadyBeingCreatedException;
    }
}
