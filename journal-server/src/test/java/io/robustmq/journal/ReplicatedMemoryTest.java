package io.robustmq.journal;

import static io.robustmq.journal.ReplicatedJournals.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.PartitionState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition with {@code storage=memory} on three nodes, of which some, or all, lose what they have. */
class ReplicatedMemoryTest {
    private static final int RECORDS = 20;

    @TempDir
    Path directory;

    private ReplicatedJournals cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ReplicatedJournals(3, Map.of("storage", "memory"), directory);
        for (int i = 0; i < RECORDS; i++) {
            assertThat(cluster.append(1, "v").baseOffset()).isEqualTo(i);
        }
        until(() -> hasAll(2) && hasAll(3));
    }

    @AfterEach
    void close() throws IOException {
        cluster.close();
    }

    @Test
    void aFollowerThatRestartsCopiesAllThatTheLeaderHas() throws Exception {
        cluster.lead(1, 1, 3);
        cluster.restart(2);
        until(() -> hasAll(2));
        until(() -> cluster.partition().isr().contains(2));
        cluster.lead(2, 2, 3);
        assertThat(append(2)).isEqualTo(RECORDS);
    }

    @Test
    void aLeaderThatRestartsFollowsWhoHasAllAndTakesNothingFromThem() throws Exception {
        cluster.lead(2, 2, 3);
        cluster.restart(1);
        until(() -> hasAll(1));
        assertThat(hasAll(2)).isTrue();
        assertThat(hasAll(3)).isTrue();
        assertThat(append(2)).isEqualTo(RECORDS);
    }

    @Test
    void whenAllHaveRestartedOffsetsGoOn() throws Exception {
        cluster.lead(PartitionImage.NO_LEADER, 1);
        for (int node : cluster.nodes) {
            cluster.restart(node);
        }
        cluster.lead(1, 1);
        long first = append(1);
        assertThat(first).isGreaterThanOrEqualTo(RECORDS);
        assertThat(state(1).logStartOffset()).isEqualTo(first);
        until(() -> cluster.partition().isr().size() == 3);
        for (int node : cluster.nodes) {
            assertThat(state(node).logStartOffset()).isEqualTo(first);
        }
    }

    @Test
    void whatARestartedLeaderOutOfSyncHadIsNoReasonToBeginElsewhere() throws Exception {
        cluster.lead(2, 2, 3);
        cluster.restart(1);
        until(() -> hasAll(1));
        until(() -> cluster.partition().isr().contains(1));
        cluster.lead(1, 1, 2, 3);
        assertThat(append(1)).isEqualTo(RECORDS);
        assertThat(state(1).logStartOffset()).isZero();
    }

    /** A leader that is just being opened says so. */
    private long append(int node) throws Exception {
        AppendResult answer = cluster.append(node, "next");
        while (!answer.succeeded()) {
            answer = cluster.append(node, "next");
        }
        return answer.baseOffset();
    }

    private boolean hasAll(int node) {
        PartitionState state = state(node);
        return state.logStartOffset() == 0 && state.logEndOffset() == RECORDS;
    }

    private PartitionState state(int node) {
        return cluster.journals.get(node).state(JournalHarness.ORDERS);
    }
}
