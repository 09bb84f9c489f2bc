package io.robustmq.meta.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows when Ratis says that it could not write: what it has on disk is begun from again. */
class RaftLogFailureTest extends IdleApplier {
    @TempDir
    Path directory;

    private final ExecutorService metaThread = Executors.newSingleThreadExecutor();
    private final LinkedBlockingQueue<String> news = new LinkedBlockingQueue<>();
    private RaftLayout layout;
    private final List<Long> applied = new ArrayList<>();

    @AfterEach
    void stop() {
        metaThread.shutdownNow();
    }

    @Test
    void theLogIsStartedAgainWithAllThatItHad() throws Exception {
        try (var raft = started()) {
            awaitNews("leads");
            long before = append(raft);

            var unused = metaThread.submit(() -> {
                raft.logFailed(new IOException("No space left on device"));
                raft.logFailed(new IOException("the next entry has none either"));
            });
            awaitNews("failed: No space left on device");
            awaitNews("started");
            awaitNews("leads");
            long after = append(raft);
            assertThat(after).isGreaterThan(before);
            assertThat(news).isEmpty();
            // Without a snapshot Ratis begins with the first entry, which whoever applies it knows already.
            assertThat(applied).containsExactly(before, before, after);
        }
    }

    /** As Ratis leaves it on a full disk. */
    @Test
    void anEmptiedFileOfTheTermIsWrittenAgainByWhoStillKnowsIt() throws Exception {
        try (var raft = started()) {
            awaitNews("leads");
            long before = append(raft);
            long term = storedTerm();
            Files.write(termFile(), new byte[0]);
            for (int i = 0; i < 20; i++) {
                metaThread.submit(raft::check).get();
            }
            awaitNews("failed: the term could not be written");
            awaitNews("started");
            awaitNews("leads");
            assertThat(append(raft)).isGreaterThan(before);
            assertThat(storedTerm()).isGreaterThan(term).isLessThan(term + 10);
            assertThat(news).isEmpty();
        }
    }

    @Test
    void whoNoLongerKnowsItsVoteGoesToATermInWhichItCannotHaveVoted() throws Exception {
        long term;
        try (var raft = started()) {
            awaitNews("leads");
            append(raft);
            term = storedTerm();
        }
        for (int i = 0; i < 2; i++) {
            Files.write(termFile(), new byte[0]);
            try (var raft = started()) {
                awaitNews("leads");
                append(raft);
                assertThat(storedTerm()).isGreaterThanOrEqualTo(term + TermFile.TERMS_AHEAD);
                term = storedTerm();
            }
        }
    }

    /** The new term could not be written, what was appended in it could. */
    @Test
    void noServerStartsInATermBeforeThatOfItsLog() throws Exception {
        long term;
        try (var raft = started()) {
            awaitNews("leads");
            append(raft);
            term = storedTerm();
        }
        Files.writeString(termFile(), "term=" + (term - 1) + "\nvotedFor=1\n");
        new TermFile(layout, SnapshotDirectory.of(layout)).mend(null);
        assertThat(storedTerm()).isEqualTo(term);
        assertThat(Files.readString(termFile())).doesNotContain("votedFor=1");
    }

    @Test
    void whatIsWholeStaysAsItIs() throws Exception {
        try (var raft = started()) {
            awaitNews("leads");
            append(raft);
        }
        String before = Files.readString(termFile());
        new TermFile(layout, SnapshotDirectory.of(layout)).mend(null);
        assertThat(Files.readString(termFile())).isEqualTo(before);
    }

    private RaftLogService started() throws IOException {
        List<Voter> voters = List.of(new Voter(1, "127.0.0.1", 0));
        RaftSettings settings = new RaftSettings(
                directory.resolve("raft"), 1, voters, "127.0.0.1", "127.0.0.1", 0, 1000, 1 << 16, 200, 5_000);
        layout = RaftLayout.founding(settings.directory(), voters);
        var raft = new RaftLogService(settings, layout, false, SnapshotDirectory.of(layout), this, metaThread, null);
        raft.start();
        return raft;
    }

    private Path termFile() {
        return layout.log().resolve("raft-meta");
    }

    private long storedTerm() throws IOException {
        return Files.readAllLines(termFile()).stream()
                .filter(line -> line.startsWith("term="))
                .mapToLong(line -> Long.parseLong(line.substring("term=".length())))
                .findFirst()
                .orElseThrow();
    }

    private long append(RaftLogService raft) throws Exception {
        CompletableFuture<Appended> outcome = new CompletableFuture<>();
        metaThread.execute(() -> {
            var unused = raft.append(new byte[] {1}).whenComplete((appended, failure) -> {
                if (failure == null) {
                    outcome.complete(appended);
                } else {
                    outcome.completeExceptionally(failure);
                }
            });
        });
        return outcome.get(20, TimeUnit.SECONDS).index();
    }

    private void awaitNews(String wanted) throws InterruptedException {
        assertThat(news.poll(30, TimeUnit.SECONDS)).isEqualTo(wanted);
    }

    @Override
    public boolean apply(long term, long index, byte[] entry) {
        applied.add(index);
        return true;
    }

    @Override
    public void leaderReady() {
        news.add("leads");
    }

    @Override
    public void logFailed(Throwable cause) {
        news.add("failed: " + cause.getMessage());
    }

    @Override
    public void logStarted() {
        news.add("started");
    }
}
