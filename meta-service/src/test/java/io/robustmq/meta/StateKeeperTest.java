package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.meta.fact.MetaEntry;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.store.MetaStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateKeeperTest implements StateKeeper.Events {
    @TempDir
    Path directory;

    private final List<MetaImage> images = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> pauses = new ArrayList<>();
    private final MetaMetrics metrics = new MetaMetrics(new SimpleMeterRegistry());
    private final ImageBoard board = new ImageBoard(metrics);
    private MetaStore store;
    private StateKeeper keeper;

    @BeforeEach
    void open() throws IOException {
        store = MetaStore.open(directory.resolve("state"), null);
        keeper = new StateKeeper(store, board, metrics, this);
    }

    @AfterEach
    void close() throws IOException {
        keeper.close();
    }

    @Test
    void anEntryDecidedOnTheNewestStateChangesIt() throws IOException {
        keeper.skip(1, 0);
        assertThat(keeper.apply(1, 1, allocation(-1, 0))).isTrue();
        assertThat(keeper.apply(1, 2, allocation(1, 1000))).isTrue();
        assertThat(board.image().nextProducerId()).isEqualTo(2000);
        assertThat(board.image().index()).isEqualTo(2);
        assertThat(images).hasSize(2);
    }

    @Test
    void anEntryOfADeposedLeaderIsDropped() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        assertThat(keeper.apply(2, 1, allocation(0, 1000))).isTrue();
        assertThat(keeper.apply(3, 2, allocation(0, 1000))).isFalse();
        assertThat(board.image().nextProducerId()).isEqualTo(2000);
        assertThat(keeper.apply(3, 3, allocation(1, 2000))).isTrue();
    }

    /** As when an entry was applied here that the others do not have, in the place of one that they have. */
    @Test
    void whatWasDecidedOnAStateThatThisNodeDoesNotHaveIsToldOf() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        assertThat(keeper.apply(1, 1, allocation(0, 1000))).isTrue();
        assertThat(keeper.apply(2, 2, allocation(0, 5000)))
                .as("the others have it, and another entry 1")
                .isFalse();
        assertThat(metrics.foreignEntries.count()).isZero();
        assertThat(keeper.apply(2, 3, allocation(2, 6000))).isFalse();
        assertThat(metrics.foreignEntries.count()).isEqualTo(1);
        assertThat(board.image().nextProducerId()).isEqualTo(2000);
    }

    @Test
    void entriesOfRaftItselfDoNotMakeADecisionStale() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        keeper.skip(2, 1);
        assertThat(keeper.apply(2, 2, allocation(0, 1000))).isTrue();
    }

    @Test
    void whatTheStateHasAlreadyIsNotAppliedTwice() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        assertThat(board.image().nextProducerId()).isEqualTo(1000);
        assertThat(images).hasSize(1);
    }

    @Test
    void anEntryOfANewerVersionStopsTheNodeBeforeItDiffers() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        byte[] newer = MetaEntryCodec.encode(new MetaEntry(0, List.of(new ClusterFormed("c"))));
        newer[0] = 9;
        assertThatThrownBy(() -> keeper.apply(1, 1, newer)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> keeper.apply(1, 2, allocation(0, 1000))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> keeper.snapshot(directory.resolve("snapshot"))).isInstanceOf(IOException.class);
        assertThat(board.image().nextProducerId()).isEqualTo(1000);
        assertThat(failures).hasSize(1);
    }

    @Test
    void aGapInTheLogStopsTheNode() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        assertThatThrownBy(() -> keeper.apply(1, 5, allocation(0, 1000)))
                .hasMessageContaining("entries 1 to 4 are missing");
        assertThat(failures).hasSize(1);
    }

    @Test
    void aLogThatLostWhatTheStateHasStopsTheNode() throws IOException {
        for (int i = 0; i < 5; i++) {
            assertThat(keeper.apply(1, i, allocation(i - 1L, i * 1000L))).isTrue();
        }
        assertThatThrownBy(() -> keeper.apply(2, 2, allocation(1, 2000)))
                .hasMessageContaining("not the one that the state was made from");
    }

    @Test
    void aLeaderThatChangesIsPublishedWithoutTouchingTheState() {
        keeper.leaderChanged(3);
        assertThat(board.image().leaderNode()).isEqualTo(3);
        keeper.leaderChanged(3);
        assertThat(images).hasSize(1);
    }

    @Test
    void aStateThatHasFailedKnowsNoLeaderAnyMore() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        keeper.leaderChanged(3);
        assertThatThrownBy(() -> keeper.apply(1, 5, allocation(0, 1000))).isInstanceOf(IOException.class);
        assertThat(board.image().leaderNode()).isEqualTo(-1);
        keeper.leaderChanged(2);
        assertThat(board.image().leaderNode()).isEqualTo(-1);
    }

    @Test
    void whileTheLogCannotBeWrittenNobodyIsKnownToLead() throws IOException {
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        keeper.leaderChanged(3);
        keeper.logFailed(new IOException("No space left on device"));
        keeper.logFailed(new IOException("and again"));
        assertThat(board.image().leaderNode()).isEqualTo(-1);
        assertThat(pauses).hasSize(1);

        keeper.logStarted();
        assertThat(pauses).hasSize(2).last().isEqualTo("over");
        assertThat(keeper.apply(1, 0, allocation(-1, 0))).isTrue();
        assertThat(keeper.apply(2, 1, allocation(0, 1000))).isTrue();
        assertThat(board.image().nextProducerId()).isEqualTo(2000);
        assertThat(failures).isEmpty();
    }

    @Override
    public void imageChanged(MetaImage image) {
        images.add(image);
    }

    @Override
    public void leading(boolean leads) {}

    @Override
    public void logFailed(String reason) {
        pauses.add(reason);
    }

    @Override
    public void logStarted() {
        pauses.add("over");
    }

    @Override
    public void failed(String reason) {
        failures.add(reason);
    }

    private static byte[] allocation(long base, long first) {
        return MetaEntryCodec.encode(new MetaEntry(base, List.of(new ProducerIdsAllocated(first, 1000))));
    }
}
