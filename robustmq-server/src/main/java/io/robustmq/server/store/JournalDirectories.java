package io.robustmq.server.store;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.server.store.DataDirectory.RefusedException;
import io.robustmq.storage.ssd.LostStore;
import io.robustmq.storage.ssd.SsdStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories for partitions beside the one in the data directory. Each has a name of its own in it, and a note in the data
 * directory says which was where: an empty directory in the place of one that was not mounted is told from a new one. Owned by
 * the starting thread, closed by the stopping one.
 */
public final class JournalDirectories implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalDirectories.class);
    static final String NOTE = "journal-dirs";
    static final String ID = "directory-id";

    private final Map<String, SegmentStore> stores;

    private JournalDirectories(Map<String, SegmentStore> stores) {
        this.stores = stores;
    }

    /** Throws RefusedException with one sentence for the operator. */
    public static JournalDirectories open(Path dataDirectory, List<String> paths) throws IOException {
        Path note = dataDirectory.resolve(NOTE);
        Map<String, String> known = readNote(note);
        Map<String, String> present = new TreeMap<>();
        Map<String, SegmentStore> stores = new LinkedHashMap<>();
        JournalDirectories opened = new JournalDirectories(stores);
        try {
            for (String text : paths) {
                Path path = Path.of(text).toAbsolutePath().normalize();
                stores.put(path.toString(), open(path, known.get(path.toString()), present));
            }
            for (String path : known.keySet()) {
                if (!stores.containsKey(path)) {
                    throw new RefusedException("journal.dirs does not name " + path
                            + ", where partitions are: name it, or, if they are to be given up, delete its line in "
                            + note
                            + ", and " + OrderlyStop.NOTE + " beside it");
                }
            }
            if (!present.equals(known)) {
                writeNote(dataDirectory, present);
            }
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    /** By path, in the order of the configuration. */
    public Map<String, SegmentStore> stores() {
        return Collections.unmodifiableMap(stores);
    }

    @Override
    public void close() throws IOException {
        for (SegmentStore store : stores.values()) {
            store.close();
        }
    }

    private static SegmentStore open(Path path, @Nullable String known, Map<String, String> present)
            throws IOException {
        try {
            String id = readId(path);
            if (known != null && !known.equals(id)) {
                return lost(path, known, present, "it is not the directory that was there: is its disk mounted?");
            }
            SegmentStore store = new SsdStore(path);
            present.put(path.toString(), id.isEmpty() ? writeId(path) : id);
            return store;
        } catch (StoreException e) {
            // In use by another process, or of a newer version.
            throw new RefusedException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            if (known == null) {
                throw new RefusedException("journal.dirs: " + path + " cannot be used: " + e);
            }
            return lost(path, known, present, e.toString());
        }
    }

    private static SegmentStore lost(Path path, String known, Map<String, String> present, String reason) {
        log.error("directory={} action=start without its partitions reason=\"{}\"", path, reason);
        present.put(path.toString(), known);
        return new LostStore(path + " could not be used when the node started: " + reason);
    }

    /** Empty where there is none. */
    private static String readId(Path path) throws IOException {
        Path file = path.resolve(ID);
        return Files.exists(file)
                ? Files.readString(file, StandardCharsets.UTF_8).trim()
                : "";
    }

    private static String writeId(Path path) throws IOException {
        String id = UUID.randomUUID().toString();
        AtomicFile.replace(path.resolve(ID), (id + "\n").getBytes(StandardCharsets.UTF_8));
        return id;
    }

    private static Map<String, String> readNote(Path note) throws IOException {
        Map<String, String> known = new TreeMap<>();
        if (Files.exists(note)) {
            for (String line : Files.readAllLines(note, StandardCharsets.UTF_8)) {
                int space = line.indexOf(' ');
                if (space > 0) {
                    known.put(line.substring(space + 1), line.substring(0, space));
                }
            }
        }
        return known;
    }

    private static void writeNote(Path dataDirectory, Map<String, String> present) throws IOException {
        StringBuilder text = new StringBuilder();
        present.forEach((path, id) -> text.append(id).append(' ').append(path).append('\n'));
        AtomicFile.replace(dataDirectory.resolve(NOTE), text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
