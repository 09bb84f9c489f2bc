package io.robustmq.meta.store;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.AclRemoved;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.NodeRemoved;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import io.robustmq.meta.fact.MetaFact.TopicDeleted;
import io.robustmq.meta.fact.MetaFactCodec;
import io.robustmq.meta.machine.MetaState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state as rows, and how far the log is in it. Owned by the meta thread, but for opening and closing.
 *
 * <p>A crash loses what was not flushed, facts and index together; the log, which goes back at least to the newest
 * checkpoint, brings it again. A checkpoint flushes first, so that the log may be cut up to it.
 */
public final class MetaStore implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MetaStore.class);

    private final Path directory;
    private final RocksOptions options;
    private final RocksDB database;
    private Applied applied;
    private boolean closed;

    private MetaStore(Path directory, RocksOptions options, RocksDB database, Applied applied) {
        this.directory = directory;
        this.options = options;
        this.database = database;
        this.applied = applied;
    }

    /**
     * Opens the state, takes it from the checkpoint when there is none, or makes an empty one when there is neither. What
     * this version cannot read is refused before anything is written.
     *
     * @param checkpoint the newest, if any
     */
    public static MetaStore open(Path directory, @Nullable Path checkpoint) throws IOException {
        RocksLibrary.loadFrom(directory.resolveSibling("native"));
        if (Files.exists(directory)) {
            checkFormat(directory);
        } else {
            make(directory, checkpoint);
        }
        RocksOptions options = new RocksOptions();
        try {
            RocksDB database = RocksDB.open(options.open, directory.toString());
            return new MetaStore(directory, options, database, decodeApplied(database.get(RowKey.APPLIED)));
        } catch (RocksDBException e) {
            options.close();
            throw new MetaStoreException("cannot open the metadata in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Closes this, and opens what the checkpoint holds in its place. */
    public MetaStore replace(Path checkpoint) throws IOException {
        checkFormat(checkpoint);
        close();
        StoreDirectory.delete(directory);
        return open(directory, checkpoint);
    }

    public Applied applied() {
        return applied;
    }

    /** The image that all facts lead to. Leader unknown. */
    public MetaImage load() throws MetaStoreException {
        MetaState state = new MetaState(MetaImage.EMPTY);
        try (RocksIterator rows = database.newIterator()) {
            for (rows.seek(RowKey.FACTS); rows.isValid(); rows.next()) {
                state.apply(MetaFactCodec.decode(rows.value()));
            }
            rows.status();
        } catch (RocksDBException | IllegalArgumentException | AssertionError e) {
            throw new MetaStoreException("the metadata in " + directory + " is damaged: " + e.getMessage(), e);
        }
        return state.toImage(Math.max(0, applied.base()), -1);
    }

    /** All of it or nothing; durable with the next flush, until then as the log is. */
    public void write(List<MetaFact> facts, long term, long index) throws MetaStoreException {
        Applied next = new Applied(term, index, index);
        try (WriteBatch batch = new WriteBatch()) {
            for (MetaFact fact : facts) {
                put(batch, fact);
            }
            batch.put(RowKey.APPLIED, encode(next));
            database.write(options.write, batch);
        } catch (RocksDBException e) {
            throw new MetaStoreException("cannot write the metadata in " + directory + ": " + e.getMessage(), e);
        }
        applied = next;
    }

    /** An entry without facts was applied. Becomes durable with whatever is written next. */
    public void skip(long term, long index) {
        applied = new Applied(term, index, applied.base());
    }

    /** A copy of the state as it is, in a new directory {@code target}; cheap, its files are shared. */
    public void checkpoint(Path target) throws MetaStoreException {
        try (Checkpoint checkpoint = Checkpoint.create(database)) {
            database.put(options.write, RowKey.APPLIED, encode(applied));
            database.flush(options.flush);
            checkpoint.createCheckpoint(target.toString());
        } catch (RocksDBException e) {
            throw new MetaStoreException("cannot write the snapshot " + target + ": " + e.getMessage(), e);
        }
    }

    /** The same rows as far as they were kept, after a write that failed; this one is closed. Throws while they cannot be opened. */
    public MetaStore reopen() throws IOException {
        try {
            close();
        } catch (MetaStoreException e) {
            log.warn("the metadata in {} goes back to what was kept of it: {}", directory, e.getMessage());
        }
        if (!Files.exists(directory)) {
            throw new MetaStoreException("the metadata is not in " + directory);
        }
        return open(directory, null);
    }

    /** Flushes first, so that the next start need not replay. Again: nothing. */
    @Override
    public void close() throws MetaStoreException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            database.put(options.write, RowKey.APPLIED, encode(applied));
            database.flush(options.flush);
        } catch (RocksDBException e) {
            throw new MetaStoreException("cannot flush the metadata in " + directory + ": " + e.getMessage(), e);
        } finally {
            database.close();
            options.close();
        }
    }

    private static void put(WriteBatch batch, MetaFact fact) throws RocksDBException {
        if (fact instanceof TopicDeleted f) {
            batch.delete(RowKey.topic(f.id()));
            deleteAll(batch, RowKey.partitions(f.id()));
            deleteAll(batch, RowKey.configs(ConfigScope.topic(f.name())));
        } else if (fact instanceof ConfigChanged f && f.value() == null) {
            batch.delete(RowKey.config(f.scope(), f.key()));
        } else if (fact instanceof CredentialChanged f && f.credential() == null) {
            batch.delete(RowKey.credential(f.user(), f.mechanism()));
        } else if (fact instanceof AclRemoved f) {
            batch.delete(RowKey.acl(f.binding()));
        } else if (fact instanceof NodeRemoved f) {
            batch.delete(RowKey.node(f.nodeId()));
            batch.delete(RowKey.fenced(f.nodeId()));
            deleteAll(batch, RowKey.configs(ConfigScope.nodeState(f.nodeId())));
            deleteAll(batch, RowKey.configs(OfflineReplicas.scope(f.nodeId())));
            deleteAll(batch, RowKey.configs(FullReplicas.scope(f.nodeId())));
        } else if (fact instanceof NodeRegistered f) {
            batch.put(RowKey.node(f.nodeId()), MetaFactCodec.encode(fact));
            batch.delete(RowKey.fenced(f.nodeId()));
        } else {
            batch.put(key(fact), MetaFactCodec.encode(fact));
        }
    }

    /** Of the row that holds the newest fact of this kind about the same thing. */
    private static byte[] key(MetaFact fact) {
        if (fact instanceof ClusterFormed) {
            return RowKey.CLUSTER;
        }
        if (fact instanceof NodeFenced f) {
            return RowKey.fenced(f.nodeId());
        }
        if (fact instanceof ProducerIdsAllocated) {
            return RowKey.PRODUCER_IDS;
        }
        if (fact instanceof TopicCreated f) {
            return RowKey.topic(f.id());
        }
        if (fact instanceof PartitionPlaced f) {
            return RowKey.partition(f.topicId(), f.partition().index());
        }
        if (fact instanceof ConfigChanged f) {
            return RowKey.config(f.scope(), f.key());
        }
        if (fact instanceof CredentialChanged f) {
            return RowKey.credential(f.user(), f.mechanism());
        }
        if (fact instanceof AclAdded f) {
            return RowKey.acl(f.binding());
        }
        throw new AssertionError(fact);
    }

    private static void deleteAll(WriteBatch batch, byte[] prefix) throws RocksDBException {
        batch.deleteRange(prefix, RowKey.after(prefix));
    }

    /** Under another name first: a directory with the right name is whole. */
    private static void make(Path directory, @Nullable Path checkpoint) throws IOException {
        Path unfinished = directory.resolveSibling(directory.getFileName() + ".new");
        StoreDirectory.delete(unfinished);
        Files.createDirectories(directory.toAbsolutePath().getParent());
        if (checkpoint == null) {
            makeEmpty(unfinished);
        } else {
            checkFormat(checkpoint);
            StoreDirectory.copy(checkpoint, unfinished);
        }
        StoreDirectory.rename(unfinished, directory);
    }

    private static void makeEmpty(Path directory) throws MetaStoreException {
        try (RocksOptions options = new RocksOptions();
                RocksDB database = RocksDB.open(options.open.setCreateIfMissing(true), directory.toString())) {
            database.put(
                    options.write,
                    RowKey.FORMAT,
                    ByteBuffer.allocate(4).putInt(MetaEntryCodec.FORMAT).array());
            database.flush(options.flush);
        } catch (RocksDBException e) {
            throw new MetaStoreException("cannot make the metadata in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Reads only. */
    private static void checkFormat(Path directory) throws MetaStoreException {
        byte[] format;
        try (RocksOptions options = new RocksOptions();
                RocksDB database = RocksDB.openReadOnly(options.open, directory.toString())) {
            format = database.get(RowKey.FORMAT);
        } catch (RocksDBException e) {
            throw new MetaStoreException("cannot read the metadata in " + directory + ": " + e.getMessage(), e);
        }
        if (format == null || format.length != 4) {
            throw new MetaStoreException("cannot read the metadata in " + directory + ": it has no format");
        }
        int version = ByteBuffer.wrap(format).getInt();
        if (version != MetaEntryCodec.FORMAT) {
            throw new MetaStoreException("the metadata in " + directory + " has format " + version
                    + ", which another version of the broker wrote; this one reads " + MetaEntryCodec.FORMAT);
        }
    }

    private static byte[] encode(Applied applied) {
        return ByteBuffer.allocate(24)
                .putLong(applied.term())
                .putLong(applied.index())
                .putLong(applied.base())
                .array();
    }

    private static Applied decodeApplied(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Applied.NOTHING;
        }
        ByteBuffer source = ByteBuffer.wrap(bytes);
        return new Applied(source.getLong(), source.getLong(), source.getLong());
    }
}
