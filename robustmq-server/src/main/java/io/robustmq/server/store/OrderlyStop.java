package io.robustmq.server.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A note in the data directory, written when everything is on disk and closed: in which life the node stopped in order. A
 * start takes it away first, so that a node that finds none may have lost what was not synced. Owned by the starting thread,
 * closed by the stopping one.
 */
public final class OrderlyStop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OrderlyStop.class);
    static final String NOTE = "stopped-in-order";
    private static final long UNKNOWN = -1;

    private final Path directory;
    private final long previous;
    /** A start that fails before there is a journal leaves everything as it was. */
    private BooleanSupplier complete = () -> true;

    private LongSupplier incarnation = () -> UNKNOWN;

    private OrderlyStop(Path directory, long previous) {
        this.directory = directory;
        this.previous = previous;
    }

    /** Reads the note of the last stop and removes it for good. */
    public static OrderlyStop take(Path directory) throws IOException {
        Path note = directory.resolve(NOTE);
        if (!Files.exists(note)) {
            return new OrderlyStop(directory, UNKNOWN);
        }
        long previous =
                parse(Files.readString(note, StandardCharsets.ISO_8859_1).trim());
        Files.delete(note);
        AtomicFile.forceNames(directory);
        return new OrderlyStop(directory, previous);
    }

    /** The incarnation in which the node stopped in order; -1 when it did not. */
    public long previous() {
        return previous;
    }

    /**
     * What to look at when the node has stopped.
     *
     * @param complete whether everything was closed as it should be
     * @param incarnation the node's last, negative when it never had one
     */
    public void watches(BooleanSupplier complete, LongSupplier incarnation) {
        this.complete = complete;
        this.incarnation = incarnation;
    }

    /** When all that writes is closed. */
    @Override
    public void close() throws IOException {
        long last = Math.max(previous, incarnation.getAsLong());
        if (!complete.getAsBoolean() || last < 0) {
            log.info("action=leave no note of an orderly stop reason=\"not everything was closed, or never joined\"");
            return;
        }
        AtomicFile.replace(directory.resolve(NOTE), (last + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A note that was cut off, by a crash of the machine, says nothing. */
    private static long parse(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }
}
