package io.robustmq.meta.raft;

import io.robustmq.meta.store.StoreDirectory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.SizeInBytes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ratis' file of the term that this node is in and of its vote there. Where the disk is full, Ratis 3.3 puts an empty file in
 * its place, does not start with that any more, and until then goes on in a term that it has not on disk. This puts right what
 * it left, while no server runs: nobody was answered by a vote that could not be written, and a node may go to any later term
 * at any time, but never back. Used by one thread at a time.
 */
final class TermFile {
    /** More elections than there can have been since the newest term that is known. */
    static final long TERMS_AHEAD = 1L << 30;

    private static final Logger log = LoggerFactory.getLogger(TermFile.class);
    private static final String NAME = "raft-meta";
    private static final String TERM = "term";
    private static final String VOTED_FOR = "votedFor";
    private static final String REACHED_VERSION = "1 ";
    private static final RaftPeerId NOBODY = RaftStorageMetadata.getDefault().getVotedFor();

    private final RaftLayout layout;
    private final SnapshotDirectory snapshots;
    private final Path file;
    private final Path members;

    TermFile(RaftLayout layout, SnapshotDirectory snapshots) {
        this.layout = layout;
        this.snapshots = snapshots;
        this.file = layout.log().resolve(NAME);
        this.members = layout.log().resolve(NAME + ".conf");
    }

    /** Whether Ratis knows, on disk, what it says to others; what it writes just now does not count yet. */
    boolean isBehind(RaftServer.Division division) throws IOException {
        long spokenOf = division.getInfo().getCurrentTerm();
        long written = division.getRaftStorage().getMetadataFile().getMetadata().getTerm();
        return spokenOf > written || (Files.exists(file) && Files.size(file) == 0);
    }

    /** @param former the server that ran in this process before, and has ended; null for the first one */
    void mend(RaftServer.@Nullable Division former) throws IOException {
        if (Files.notExists(file)) {
            return;
        }
        Optional<RaftStorageMetadata> stored = read();
        RaftStorageMetadata right = former == null ? afterRestart(stored) : known(stored, former);
        if (stored.isEmpty() || !stored.get().equals(right)) {
            log.warn("meta term={} written again, in place of {}", right.getTerm(), describe(stored));
            write(file, content(right));
        }
        if (former != null && Files.exists(members) && Files.size(members) == 0) {
            writeMembers(former);
        }
    }

    /** What was written at last is a vote that others may know of; what was not, is not. */
    private static RaftStorageMetadata known(Optional<RaftStorageMetadata> stored, RaftServer.Division former)
            throws IOException {
        RaftStorageMetadata written = former.getRaftStorage().getMetadataFile().getMetadata();
        RaftStorageMetadata newest =
                stored.filter(read -> read.getTerm() >= written.getTerm()).orElse(written);
        return noEarlierThan(former.getInfo().getCurrentTerm(), newest);
    }

    /** Who does not know its vote goes to a term in which it cannot have voted. */
    private RaftStorageMetadata afterRestart(Optional<RaftStorageMetadata> stored) throws IOException {
        long newest = newestTermOfLog();
        if (stored.isPresent()) {
            return noEarlierThan(newest, stored.get());
        }
        // The clock is no more than a help, should another node have had to do the same a moment ago.
        long term = Math.max(Math.max(newest, reached()) + TERMS_AHEAD, System.currentTimeMillis() << 10);
        write(layout.termReached(), REACHED_VERSION + term + "\n");
        return RaftStorageMetadata.valueOf(term, NOBODY);
    }

    /** Where this node went when it had to before. */
    private long reached() throws IOException {
        if (Files.notExists(layout.termReached())) {
            return 0;
        }
        String line = Files.readString(layout.termReached()).strip();
        if (!line.matches(REACHED_VERSION + "\\d{1,18}")) {
            throw new IOException(layout.termReached() + " is not a term: " + line);
        }
        return Long.parseLong(line.substring(REACHED_VERSION.length()));
    }

    private static RaftStorageMetadata noEarlierThan(long term, RaftStorageMetadata stored) {
        return stored.getTerm() >= term ? stored : RaftStorageMetadata.valueOf(term, NOBODY);
    }

    private long newestTermOfLog() throws IOException {
        SnapshotInfo snapshot = snapshots.getLatestSnapshot();
        AtomicLong newest = new AtomicLong(snapshot == null ? 0 : snapshot.getTerm());
        try (Stream<Path> files = Files.list(layout.log())) {
            for (LogSegmentPath segment : files.map(LogSegmentPath::matchLogSegment)
                    .filter(Objects::nonNull)
                    .toList()) {
                // The start of the server says what is wrong with the log itself.
                LogSegment.readSegmentFile(
                        segment.getPath().toFile(),
                        segment.getStartEnd(),
                        SizeInBytes.valueOf(RaftSettings.ENTRY_BYTES_MAX),
                        CorruptionPolicy.WARN_AND_RETURN,
                        null,
                        entry -> newest.accumulateAndGet(entry.getTerm(), Math::max));
            }
        }
        return newest.get();
    }

    /** Empty where the file is not whole. */
    private Optional<RaftStorageMetadata> read() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        String term = properties.getProperty(TERM, "");
        String votedFor = properties.getProperty(VOTED_FOR);
        if (votedFor == null || !term.matches("\\d{1,18}")) {
            return Optional.empty();
        }
        return Optional.of(RaftStorageMetadata.valueOf(Long.parseLong(term), RaftPeerId.valueOf(votedFor)));
    }

    private static String content(RaftStorageMetadata metadata) {
        return TERM + "=" + metadata.getTerm() + "\n" + VOTED_FOR + "=" + metadata.getVotedFor() + "\n";
    }

    private static String describe(Optional<RaftStorageMetadata> stored) {
        return stored.map(metadata -> "term " + metadata.getTerm()).orElse("a file without one");
    }

    /** Not what is still on its way to be applied: the log has that. */
    private void writeMembers(RaftServer.Division former) throws IOException {
        RaftConfiguration known = former.getRaftConf();
        long index = known.getLogEntryIndex();
        if (index >= 0 && index <= former.getInfo().getLastAppliedIndex()) {
            log.warn("meta members written again, in place of an empty file");
            StoreDirectory.replace(
                    members,
                    LogProtoUtils.toLogEntryProto(known, former.getInfo().getCurrentTerm(), index)
                            .toByteArray());
        }
    }

    private static void write(Path target, String content) throws IOException {
        StoreDirectory.replace(target, content.getBytes(StandardCharsets.UTF_8));
    }
}
