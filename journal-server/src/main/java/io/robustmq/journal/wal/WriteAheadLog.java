package io.robustmq.journal.wal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.journal.wal.WalCodec.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes small appends of many shards durable by one write and one sync. Two files alternate; a full one is used again when
 * every segment that it covers was forced. Whatever takes bytes of a covered segment away must {@link #forget} them first,
 * so that a replay cannot bring them back. Owned by one thread, the few methods that say so excepted.
 *
 * <p>When a sync fails, the shards in it have failed, the log is given up until the next start, and what its files hold stays
 * there for the replay.
 */
public final class WriteAheadLog {
    public static final String SHARD = "wal";
    /** Of one sync; what does not fit waits for the next. */
    public static final int BATCH_BYTES_MAX = WalBatch.BYTES_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(WriteAheadLog.class);
    private static final String[] NAMES = {"00000000000000000000.wal", "00000000000000000001.wal"};

    private final SegmentStore store;
    private final long fileBytesMax;
    private final Consumer<WalFile> full;
    private final SecureRandom salts = new SecureRandom();
    private final WalBatch batch;
    private final int roomBytes;
    private final @Nullable WalFile[] files = new WalFile[NAMES.length];
    private final Map<String, GuardedFile> covered = new ConcurrentHashMap<>();
    /** The earlier use of the current file, as long as the disk may still have its header: a replay would take its entries. */
    private @Nullable WalFile writtenOver;

    private int current = -1;
    private long sequence;
    private long syncs;
    private boolean broken;
    private @Nullable IOException recoveryFailure;
    private volatile boolean recovered;

    /**
     * @param store one that overwrites
     * @param bytesMax for both files together
     * @param batchBytesMax of one sync, whole blocks, at most {@link #BATCH_BYTES_MAX}
     * @param full told when a file is to be checkpointed: all it covers forced, then {@link WalFile#checkpointed}
     */
    public WriteAheadLog(SegmentStore store, long bytesMax, int batchBytesMax, Consumer<WalFile> full) {
        this.store = store;
        this.batch = new WalBatch(batchBytesMax);
        this.roomBytes = WalCodec.BLOCK_BYTES + batchBytesMax;
        this.fileBytesMax = Math.max(2L * roomBytes, bytesMax / NAMES.length);
        this.full = full;
    }

    /** Writes into the segments what a crash left in the files. Before anything else; remembers a failure. */
    public void recover() {
        try {
            new WalReplay(store).run();
            recovered = true;
        } catch (IOException | RuntimeException e) {
            LOG.error("action=leave partitions closed reason=\"the write-ahead files could not be replayed\"", e);
            recoveryFailure = e instanceof IOException io ? io : new StoreException(Kind.FATAL, "the replay failed", e);
            broken = true;
        }
    }

    /** Any thread. */
    boolean isRecovered() {
        return recovered;
    }

    /** What keeps the store's segments from being used; asked after {@link #recover}. */
    public void checkRecovered() throws IOException {
        if (recoveryFailure != null) {
            throw recoveryFailure;
        }
    }

    /** Begins a batch; false when the shards must flush their own files now. */
    public boolean begin() throws IOException {
        if (broken || !(hasRoom(roomBytes) || nextFile())) {
            return false;
        }
        batch.begin(file().header.salt(), ++syncs);
        return true;
    }

    /** Takes what is not durable of {@code file} below {@code end}; false when the batch is full. */
    public boolean add(GuardedFile file, long end) throws IOException {
        if (file.undurable(end) == 0) {
            return true;
        }
        // Before its bytes are read: who changes the file from now on asks this thread first, and so waits for the
        // sync.
        cover(file, file());
        return batch.add(file, end);
    }

    public Mark mark() {
        return new Mark(batch.mark(), batch.files());
    }

    public void backTo(Mark mark) {
        batch.backTo(mark.bytes(), mark.files());
    }

    /** A place in the batch to go back to. */
    public record Mark(int bytes, int files) {}

    /** Bytes written and synced, 0 for an empty batch; -1 when nothing was written and the shards must flush their own files. */
    public int sync() throws IOException {
        if (batch.isEmpty()) {
            return 0;
        }
        WalFile file = file();
        ByteBuf bytes = batch.bytes(file.isFresh() ? file.header : null);
        int length = bytes.readableBytes();
        try {
            file.write(bytes);
        } catch (IOException e) {
            boolean noRoom = e instanceof StoreException failure && failure.kind() == Kind.FULL;
            if (!noRoom) {
                giveUp("write", e);
            }
            return -1;
        }
        try {
            file.force(length);
        } catch (IOException e) {
            giveUp("flush", e);
            throw e;
        }
        for (int i = 0; i < batch.files(); i++) {
            batch.file(i).logged(batch.fileEnd(i));
        }
        if (writtenOver != null) {
            uncover(writtenOver);
            writtenOver = null;
        }
        return length;
    }

    /** Part of the current file that is used. */
    public double filling() {
        WalFile file = current < 0 ? null : files[current];
        return file == null ? 0 : file.filling();
    }

    /** Any thread: files whose last acknowledged bytes the log may hold. */
    public int coveredCount() {
        return covered.size();
    }

    /** Any thread: whether a replay would write to the file. */
    boolean holds(String shard, String name) {
        return covered.containsKey(key(shard, name));
    }

    /** The file's bytes will be others: those the log holds must be in the file by themselves, and then be void. */
    void release(String shard, String name) throws IOException {
        GuardedFile file = covered.get(key(shard, name));
        if (file == null) {
            return;
        }
        if (file.behind() && file.isClosed()) {
            throw new StoreException(
                    Kind.FATAL,
                    name + " of " + shard + " failed; its end is replayed from the write-ahead file at the next start");
        }
        if (file.behind()) {
            file.force();
        }
        forget(List.of(file), file.names);
    }

    /**
     * The file goes. Forced all the same: the power may go between this and the deletion, and a log whose first segment then
     * ends early would be cut there, with all that follows.
     */
    void forget(String shard, String name) throws IOException {
        GuardedFile file = covered.get(key(shard, name));
        if (file != null) {
            if (file.behind() && !file.isClosed()) {
                file.force();
            }
            file.goes();
            forget(List.of(file), file.names);
        }
    }

    /** All files of the shard go. */
    void forget(String shard) throws IOException {
        List<GuardedFile> found = new ArrayList<>();
        for (GuardedFile file : covered.values()) {
            if (file.shard.equals(shard)) {
                file.goes();
                found.add(file);
            }
        }
        if (!found.isEmpty()) {
            forget(found, new byte[][] {shard.getBytes(StandardCharsets.UTF_8), new byte[0]});
        }
    }

    private void forget(List<GuardedFile> gone, byte[][] names) throws IOException {
        if (broken || !(hasRoom(2 * WalCodec.BLOCK_BYTES) || nextFile())) {
            startOver();
            return;
        }
        batch.begin(file().header.salt(), ++syncs);
        batch.forget(names);
        if (sync() < 0) {
            startOver();
            return;
        }
        for (GuardedFile file : gone) {
            uncover(file);
        }
    }

    /** Forces what the files hold and deletes them; fails, and leaves them for the replay, when that is not possible. */
    public void startOver() throws IOException {
        for (GuardedFile file : covered.values()) {
            if (file.behind()) {
                file.force();
            }
        }
        deleteFiles();
        writtenOver = null;
        covered.values().forEach(this::uncover);
    }

    /** The older first: what it holds may be void by what the newer says. */
    private void deleteFiles() throws IOException {
        int newest = current;
        for (int i = 1; i <= NAMES.length && newest >= 0; i++) {
            int index = (newest + i) % NAMES.length;
            WalFile file = files[index];
            if (file != null) {
                store.delete(SHARD, file.name);
                files[index] = null;
                file.close();
            }
        }
        current = -1;
    }

    private boolean hasRoom(int bytes) {
        return current >= 0 && file().fits(bytes);
    }

    private WalFile file() {
        WalFile file = files[current];
        if (file == null) {
            throw new IllegalStateException("no file");
        }
        return file;
    }

    /** Goes on in the next file, if it may be used already. */
    private boolean nextFile() throws IOException {
        int next = (current + 1) % NAMES.length;
        WalFile file = files[next];
        Header header = new Header(++sequence, salts.nextLong());
        if (file == null) {
            try {
                files[next] = WalFile.create(store, NAMES[next], header, fileBytesMax);
            } catch (StoreException e) {
                if (e.kind() != Kind.FULL) {
                    giveUp("create", e);
                }
                return false;
            }
        } else if (file.isCheckpointed()) {
            writtenOver = file;
            files[next] = file.again(header);
        } else {
            return false;
        }
        if (current >= 0) {
            full.accept(file());
        }
        current = next;
        return true;
    }

    private void cover(GuardedFile file, WalFile by) {
        if (file.coveredBy != by.header.sequence()) {
            file.coveredBy = by.header.sequence();
            by.covered.add(file);
            covered.put(key(file.shard, file.name), file);
        }
    }

    private void uncover(WalFile use) {
        for (GuardedFile file : use.covered) {
            if (file.coveredBy == use.header.sequence()) {
                uncover(file);
            }
        }
    }

    private void uncover(GuardedFile file) {
        file.coveredBy = -1;
        covered.remove(key(file.shard, file.name), file);
    }

    /** Kernels report a failed write-back once; nothing that comes after it in the same file can be trusted. */
    private void giveUp(String action, IOException cause) {
        broken = true;
        LOG.error(
                "action={} write-ahead file: each partition flushes its own file until the next start", action, cause);
        if (current >= 0) {
            full.accept(file());
        }
    }

    private static String key(String shard, String name) {
        return shard + '/' + name;
    }
}
