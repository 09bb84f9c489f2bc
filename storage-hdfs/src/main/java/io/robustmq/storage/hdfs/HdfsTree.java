package io.robustmq.storage.hdfs;

import io.robustmq.core.port.object.ObjectNames;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectTree;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.RemoteIterator;

/** Files by their names, below a directory in which nothing else is. Any thread. */
final class HdfsTree {
    private final FileSystem files;
    private final Path root;
    private final LongUnaryOperator contentBytes;
    private final RequestMeter meter;

    /** @param contentBytes of a file of so many bytes, as lists tell it */
    HdfsTree(FileSystem files, Path root, LongUnaryOperator contentBytes, RequestMeter meter) {
        this.files = files;
        this.root = root;
        this.contentBytes = contentBytes;
        this.meter = meter;
    }

    Path path(String name) {
        return new Path(root, ObjectNames.checked(name));
    }

    ObjectPage list(String prefix, String after, int countMax) throws IOException {
        meter.request(RequestKind.LIST, 0);
        try {
            return ObjectTree.page(this::entries, prefix, after, Math.min(countMax, ObjectStore.PAGE_COUNT_MAX));
        } catch (IOException e) {
            throw HdfsFailures.of("list " + prefix, e);
        }
    }

    private List<ObjectTree.Entry> entries(String directory) throws IOException {
        Path path = directory.isEmpty() ? root : new Path(root, directory.substring(0, directory.length() - 1));
        List<ObjectTree.Entry> found = new ArrayList<>();
        try {
            RemoteIterator<FileStatus> entries = files.listStatusIterator(path);
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                found.add(new ObjectTree.Entry(
                        entry.getPath().getName(), entry.isDirectory(), contentBytes.applyAsLong(entry.getLen())));
            }
        } catch (FileNotFoundException e) {
            return found;
        }
        return found;
    }

    void delete(Collection<String> names) throws IOException {
        Set<Path> changed = new LinkedHashSet<>();
        try {
            for (String name : names) {
                meter.request(RequestKind.DELETE, 0);
                Path path = path(name);
                if (files.delete(path, false)) {
                    changed.add(parent(path));
                }
            }
            for (Path directory : changed) {
                prune(directory);
            }
        } catch (IOException e) {
            throw HdfsFailures.of("delete " + names.size() + " files", e);
        }
    }

    /** Directories in which nothing is go, up to the root. */
    private void prune(Path directory) throws IOException {
        try {
            for (Path at = directory; !at.equals(root); at = parent(at)) {
                files.delete(at, false);
            }
        } catch (PathIsNotEmptyDirectoryException e) {
            // As it should be.
            return;
        }
    }

    static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new AssertionError(path);
        }
        return parent;
    }
}
