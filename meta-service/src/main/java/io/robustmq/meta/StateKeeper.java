package io.robustmq.meta;

import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.meta.fact.MetaEntry;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.raft.EntryApplier;
import io.robustmq.meta.raft.UnwritableException;
import io.robustmq.meta.store.Applied;
import io.robustmq.meta.store.MetaStore;
import io.robustmq.meta.store.MetaStoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns committed entries into rows and images. Owned by the meta thread. After the first failure it takes nothing more:
 * an entry left out would make this node differ from the others.
 */
final class StateKeeper implements EntryApplier {
    private static final Logger log = LoggerFactory.getLogger(StateKeeper.class);

    private MetaStore store;
    private final ImageBoard board;
    private final MetaMetrics metrics;
    private final Events events;
    private final NavigableMap<Long, CompletableFuture<Void>> waiting = new TreeMap<>();
    private @Nullable IOException failure;
    /** Until it is opened again. */
    private @Nullable UnwritableException unwritable;
    /** Rows that begin again, where they were kept last, are behind the image until here. */
    private long shownIndex = -1;

    private boolean logFailed;

    /** What the service does about it. */
    interface Events {
        void imageChanged(MetaImage image);

        /** The image is at {@code index} now, by an entry that was decided at {@code base}. */
        default void applied(long base, long index, byte[] entry) {}

        void leading(boolean leads);

        /** The log cannot be written until it is started again. */
        void logFailed(String reason);

        void logStarted();

        void failed(String reason);
    }

    StateKeeper(MetaStore store, ImageBoard board, MetaMetrics metrics, Events events) {
        this.store = store;
        this.board = board;
        this.metrics = metrics;
        this.events = events;
    }

    /** Of the entry that a decision made now follows. */
    long base() {
        return store.applied().base();
    }

    /** Completes when the entry, committed elsewhere, is applied here. */
    CompletableFuture<Void> whenApplied(long index) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        return index <= store.applied().index()
                ? CompletableFuture.completedFuture(null)
                : waiting.computeIfAbsent(index, unused -> new CompletableFuture<>());
    }

    @Override
    public boolean apply(long term, long index, byte[] bytes) throws IOException {
        try {
            if (!isNew(term, index)) {
                return true;
            }
            MetaEntry entry = MetaEntryCodec.decode(bytes);
            if (entry.base() != base()) {
                store.skip(term, index);
                metrics.staleEntries.increment();
                tellIfForeign(entry, index);
                wake(index);
                return false;
            }
            if (index <= shownIndex) {
                write(entry, term, index);
                wake(index);
                return true;
            }
            MetaState state = new MetaState(board.image());
            entry.facts().forEach(state::apply);
            write(entry, term, index);
            metrics.entries.increment();
            events.applied(entry.base(), index, bytes);
            publish(state.delta(), state.toImage(index, board.image().leaderNode()));
            wake(index);
            return true;
        } catch (UnwritableException e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            throw fail("entry " + index + " cannot be applied", e);
        }
    }

    /** Who decided it had applied an entry that did not count here: the metadata of one of the two is not that of its cluster. */
    private void tellIfForeign(MetaEntry entry, long index) {
        if (entry.base() > base()) {
            metrics.foreignEntries.increment();
            log.error(
                    "meta entry={} was decided on entry {}, which did not count here; the last that did is {}. If this is logged for each change, "
                            + "stop this node, remove its metadata and let it join as one that has lost its disk",
                    index,
                    entry.base(),
                    base());
        }
    }

    private void write(MetaEntry entry, long term, long index) throws UnwritableException {
        try {
            store.write(entry.facts(), term, index);
        } catch (MetaStoreException e) {
            unwritable = new UnwritableException(e);
            throw unwritable;
        }
    }

    /** The image stays as it is, ahead of the rows, until these have what it shows. */
    @Override
    public void reopen() throws IOException {
        if (unwritable != null && failure == null) {
            store = store.reopen();
            unwritable = null;
            shownIndex =
                    board.image().clusterId().isEmpty() ? -1 : board.image().index();
            log.info(
                    "meta rows opened again index={} image={}",
                    store.applied().index(),
                    board.image().index());
        }
    }

    @Override
    public void skip(long term, long index) throws IOException {
        if (isNew(term, index)) {
            store.skip(term, index);
            wake(index);
        }
    }

    @Override
    public void leaderChanged(int leaderNode) {
        MetaImage image = board.image();
        // Whose state has failed goes on hearing who leads, of an image that gets older: nobody may take that for the
        // newest.
        if (failure == null && leaderNode != image.leaderNode()) {
            log.info("meta leader={}→{} index={}", image.leaderNode(), leaderNode, image.index());
            events.leading(false);
            publish(MetaDelta.NOTHING, image.withLeader(leaderNode));
        }
    }

    @Override
    public void leaderReady() {
        if (failure == null && !logFailed) {
            events.leading(true);
        }
    }

    @Override
    public String roster() {
        MetaImage image = board.image();
        StringBuilder line = new StringBuilder(image.clusterId());
        if (!image.clusterId().isEmpty()) {
            image.nodes().keySet().forEach(node -> line.append(' ').append(node));
        }
        return line.toString();
    }

    @Override
    public void snapshot(Path directory) throws IOException {
        throwIfUnable();
        store.checkpoint(directory);
        log.info(
                "meta snapshot={} topics={}",
                directory.getFileName(),
                board.image().topics().size());
    }

    @Override
    public void restore(Path directory) throws IOException {
        try {
            store = store.replace(directory);
            MetaImage before = board.image();
            MetaImage image = store.load().withLeader(before.leaderNode());
            log.info("meta state taken from snapshot={} index={}→{}", directory, before.index(), image.index());
            publish(ImageBoard.everything(before, image), image);
            wake(store.applied().index());
        } catch (IOException | RuntimeException | Error e) {
            throw fail("the snapshot " + directory + " cannot be taken", e);
        }
    }

    /** Flushes and closes the rows. */
    void close() throws IOException {
        store.close();
    }

    /** This node cannot be of its cluster. */
    void stop(String reason) {
        var unused = fail(reason, null);
    }

    @Override
    public void logFailed(Throwable cause) {
        if (failure == null && !logFailed) {
            logFailed = true;
            log.error("meta log cannot be written: it is started again as soon as it can be", cause);
            leaderChanged(NOBODY);
            events.logFailed("the log cannot be written: " + cause);
        }
    }

    @Override
    public void logStarted() {
        if (failure == null && logFailed) {
            logFailed = false;
            log.info("meta log started again index={}", board.image().index());
            events.logStarted();
        }
    }

    private void wake(long index) {
        NavigableMap<Long, CompletableFuture<Void>> reached = waiting.headMap(index, true);
        List<CompletableFuture<Void>> woken = List.copyOf(reached.values());
        reached.clear();
        woken.forEach(waiter -> waiter.complete(null));
    }

    private void publish(MetaDelta delta, MetaImage image) {
        board.publish(delta, image);
        events.imageChanged(image);
    }

    /** False for what the state has already: Ratis begins anew after its newest snapshot, the state may be ahead of that. */
    private boolean isNew(long term, long index) throws IOException {
        throwIfUnable();
        Applied applied = store.applied();
        if (index > applied.index() + 1) {
            throw fail("entries " + (applied.index() + 1) + " to " + (index - 1) + " are missing from the log", null);
        }
        if (index <= applied.index() && term > applied.term()) {
            throw fail(
                    "the log is not the one that the state was made from: entry " + index + " of term " + term
                            + ", but the state has entry " + applied.index() + " of term " + applied.term(),
                    null);
        }
        return index > applied.index();
    }

    private void throwIfUnable() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (unwritable != null) {
            throw unwritable;
        }
    }

    private IOException fail(String what, @Nullable Throwable cause) {
        if (failure == null) {
            leaderChanged(NOBODY);
            failure = new IOException(what, cause);
            log.error("meta service stopped: {}; restart this node when the reason is gone", what, cause);
            waiting.values().forEach(waiter -> waiter.completeExceptionally(failure));
            waiting.clear();
            events.failed(what);
        }
        return failure;
    }
}
