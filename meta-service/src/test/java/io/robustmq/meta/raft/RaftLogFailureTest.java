package io.robustmq.meta.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
class RaftLogFailureTest implements EntryApplier {
    @TempDir
    Path directory;

    private final ExecutorService metaThread = Executors.newSingleThreadExecutor();
    private final LinkedBlockingQueue<String> news = new LinkedBlockingQueue<>();
    private final List<Long> applied = new ArrayList<>();

    @AfterEach
    void stop() {
        metaThread.shutdownNow();
    }

    @Test
    void theLogIsStartedAgainWithAllThatItHad() throws Exception {
        List<Voter> voters = List.of(new Voter(1, "127.0.0.1", 0));
        RaftSettings settings = new RaftSettings(
                directory.resolve("raft"), 1, voters, "127.0.0.1", "127.0.0.1", 0, 1000, 1 << 16, 200, 5_000);
        RaftLayout layout = RaftLayout.founding(settings.directory(), voters);
        try (var raft =
                new RaftLogService(settings, layout, false, SnapshotDirectory.of(layout), this, metaThread, null)) {
            raft.start();
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
    public void skip(long term, long index) {}

    @Override
    public void leaderChanged(int leaderNode) {}

    @Override
    public void leaderReady() {
        news.add("leads");
    }

    @Override
    public String roster() {
        return "";
    }

    @Override
    public void snapshot(Path target) {}

    @Override
    public void restore(Path source) {}

    @Override
    public void logFailed(Throwable cause) {
        news.add("failed: " + cause.getMessage());
    }

    @Override
    public void logStarted() {
        news.add("started");
    }
}
