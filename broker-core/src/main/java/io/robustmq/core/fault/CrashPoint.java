package io.robustmq.core.fault;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The steps on the way of what goes to the object store, and leaves it: between any two of them a process may die. For tests, which
 * start a process with {@code -Drobustmq.crash.point=NAME}, or {@code NAME:n} for the n-th time that it comes there. Whoever does that
 * step says so on standard error and stands still, while the rest of the process goes on until it is killed. Without that property,
 * which is the rule, {@link #reached} does nothing.
 */
public enum CrashPoint {
    /** A pack has its name, and nothing of it is stored. */
    PACK_BEFORE_PUT,
    /** A pack is stored, and no log refers to it. */
    PACK_STORED,
    /** The log has the references, and nobody was told. */
    REFERENCES_APPENDED,
    /** What belongs beside a log, an index or where the log begins, is on the disk, and does not have its name. */
    SIDE_FILE_UNNAMED,
    /** All batches of a segment went to the store, which has no object of them yet. */
    SEGMENT_UNSEALED,
    /** A segment's batches are stored, and what belongs beside them is not. */
    SEGMENT_STORED,
    /** Both objects of a segment are stored, and the leader does not know. */
    SIDE_STORED,
    /** The leader knows, and the manifest does not. */
    BEFORE_COMMIT,
    /** The manifest has the segment, and the leader does not know. */
    COMMITTED,
    /** It is on the disk that the log may begin later here, and all is here still. */
    TIER_FILE_WRITTEN,
    /** A segment's batches are deleted here, and its index is not, nor are the segments behind it. */
    LOCAL_LOG_DELETED,
    /** It is on the disk where the log begins by now, and all is there still. */
    START_FILE_WRITTEN,
    /** The log begins later, and the manifest does not know. */
    BEFORE_RETIRE,
    /** The manifest knows, and the leader does not know that it does. */
    RETIRED,
    /** Of objects that one deletion is about some are gone, and some are not. */
    OBJECT_DELETED,
    /** The objects of segments that were retired are gone, and the manifest does not know. */
    OBJECTS_DELETED,
    /** All objects of a partition that is gone are gone, and the manifest does not know. */
    PARTITION_CLEARED,
    /** Packs that nothing referred to are gone, and who deleted them does not know. */
    PACKS_DELETED;

    /** The system property with the point. */
    public static final String PROPERTY = "robustmq.crash.point";

    private static final String CHOSEN = System.getProperty(PROPERTY, "");
    /** Constant, so that what is compared with it costs nothing in compiled code. */
    private static final @Nullable CrashPoint ARMED = point(CHOSEN);

    private static final AtomicInteger LEFT = new AtomicInteger(times(CHOSEN));

    /** Called where the step is done, by who did it. Does not return if it is the one at which this process is to be killed. */
    public void reached() {
        if (this == ARMED && LEFT.decrementAndGet() == 0) {
            System.err.println("crash point " + name() + " reached");
            // For ever, also for whoever stops the process.
            new Semaphore(0).acquireUninterruptibly();
        }
    }

    /** What is wrong with the property; empty if nothing is. */
    public static String fault() {
        return fault(CHOSEN);
    }

    /** Where this process is to be killed; empty for nowhere. */
    public static String armed() {
        return CHOSEN;
    }

    static String fault(String chosen) {
        if (chosen.isEmpty() || (point(chosen) != null && times(chosen) > 0)) {
            return "";
        }
        StringBuilder names = new StringBuilder();
        for (CrashPoint each : values()) {
            names.append(names.isEmpty() ? "" : ", ").append(each.name());
        }
        return PROPERTY + "=" + chosen + " is no point, or NAME:n with n from 1 on; points are " + names;
    }

    static @Nullable CrashPoint point(String chosen) {
        int colon = chosen.indexOf(':');
        String name = colon < 0 ? chosen : chosen.substring(0, colon);
        for (CrashPoint each : values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** 0 for what is no number of times. */
    static int times(String chosen) {
        int colon = chosen.indexOf(':');
        try {
            return colon < 0 ? 1 : Math.max(0, Integer.parseInt(chosen.substring(colon + 1)));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
