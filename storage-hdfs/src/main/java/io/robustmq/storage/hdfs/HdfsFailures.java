package io.robustmq.storage.hdfs;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.hdfs.protocol.QuotaExceededException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;

/** Sorts what HDFS says by what the caller can do about it. */
final class HdfsFailures {
    private HdfsFailures() {}

    static StoreException of(String what, IOException cause) {
        if (cause instanceof StoreException known) {
            return known;
        }
        IOException said = cause instanceof RemoteException remote ? remote.unwrapRemoteException() : cause;
        // What a name node says goes on with where in its code it said so.
        String sentence = String.valueOf(said.getMessage()).lines().findFirst().orElse("");
        return new StoreException(kind(said), what + ": " + said.getClass().getSimpleName() + " " + sentence, cause);
    }

    private static Kind kind(IOException said) {
        if (said instanceof FileNotFoundException) {
            return Kind.NOT_FOUND;
        }
        if (said instanceof FileAlreadyExistsException) {
            return Kind.EXISTS;
        }
        if (said instanceof ChecksumException || said instanceof EOFException) {
            return Kind.CORRUPT;
        }
        if (said instanceof QuotaExceededException) {
            return Kind.FULL;
        }
        boolean closed = String.valueOf(said.getMessage()).contains("Filesystem closed");
        if (said instanceof AccessControlException || closed) {
            return Kind.FATAL;
        }
        // A name node that starts, is in safe mode or on standby, data nodes that are away, the network.
        return Kind.RETRIABLE;
    }
}
