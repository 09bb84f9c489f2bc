package io.robustmq.storage.object;

import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks a tree of files in the order of the objects' names. Within a directory that is the order of its entries with a
 * {@code /} behind those that are directories: {@code a-b} comes before {@code a/b}, as {@code -} is less than {@code /}.
 * For one page, in one thread.
 */
public final class ObjectTree {
    /** What is in a directory, in any order. */
    @FunctionalInterface
    public interface Source {
        /** Empty for a directory that is not there; {@code directory} ends with a slash, or is empty for the root. */
        List<Entry> entries(String directory) throws IOException;
    }

    /** The last part of a name, and how much a list says is there. */
    public record Entry(String name, boolean isDirectory, long bytes) {}

    private final Source source;
    private final String prefix;
    private final String after;
    private final int countMax;
    private final List<ObjectInfo> found = new ArrayList<>();

    private ObjectTree(Source source, String prefix, String after, int countMax) {
        this.source = source;
        this.prefix = prefix;
        this.after = after;
        this.countMax = countMax;
    }

    /** As {@code ObjectStore.list} has it. */
    public static ObjectPage page(Source source, String prefix, String after, int countMax) throws IOException {
        ObjectTree tree = new ObjectTree(source, prefix, after, countMax + 1);
        tree.walk("");
        boolean more = tree.found.size() > countMax;
        return new ObjectPage(more ? tree.found.subList(0, countMax) : tree.found, more);
    }

    private void walk(String directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : source.entries(directory)) {
            String name = directory + entry.name + (entry.isDirectory ? "/" : "");
            if (isWanted(name)) {
                entries.add(new Entry(name, entry.isDirectory, entry.bytes));
            }
        }
        entries.sort((a, b) -> a.name.compareTo(b.name));
        for (Entry entry : entries) {
            if (found.size() == countMax) {
                return;
            }
            if (entry.isDirectory) {
                walk(entry.name);
            } else {
                found.add(new ObjectInfo(entry.name, entry.bytes));
            }
        }
    }

    /** Whether it, or what may be below it if it is a directory, can be part of the page. */
    private boolean isWanted(String name) {
        if (!name.endsWith("/")) {
            return name.startsWith(prefix) && name.compareTo(after) > 0;
        }
        boolean inPrefix = name.startsWith(prefix) || prefix.startsWith(name);
        return inPrefix && (name.compareTo(after) > 0 || after.startsWith(name));
    }
}
