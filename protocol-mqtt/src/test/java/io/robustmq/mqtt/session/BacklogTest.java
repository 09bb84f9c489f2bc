package io.robustmq.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final PartitionLog A = new PartitionLog(new Partition(new TopicId(1, 1), 0), "a");
    private static final PartitionLog B = new PartitionLog(new Partition(new TopicId(1, 2), 0), "b");

    private final Backlog backlog = new Backlog(5, 1000, false);
    private final List<Object> lost = new ArrayList<>();

    private void add(Backlog to, PartitionLog log, long offset, int bytes, @Nullable Object via) {
        to.add(log, offset, bytes, via, (l, at, by) -> lost.add(by == null ? "own" : by));
    }

    @Test
    void neighboursAreOneRunAndOrderIsKept() {
        add(backlog, A, 1, 10, null);
        add(backlog, A, 2, 10, null);
        add(backlog, B, 7, 10, null);
        add(backlog, A, 3, 10, null);
        assertThat(backlog.head().first()).isEqualTo(1);
        assertThat(backlog.head().last()).isEqualTo(2);
        backlog.advance(2);
        assertThat(backlog.count()).isEqualTo(3);
        assertThat(backlog.bytes()).isEqualTo(30);
        backlog.advance(3);
        assertThat(backlog.head().log()).isSameAs(B);
        backlog.advance(100);
        assertThat(backlog.head().first()).isEqualTo(3);
        backlog.advance(4);
        assertThat(backlog.isEmpty()).isTrue();
        assertThat(backlog.bytes()).isZero();
        assertThat(lost).isEmpty();
    }

    @Test
    void whatFindsNoRoomIsLost() {
        add(backlog, A, 0, 1001, null);
        assertThat(lost).containsExactly("own");
        for (int i = 0; i < 5; i++) {
            add(backlog, A, i, 1, null);
        }
        add(backlog, A, 5, 1, "share");
        assertThat(lost).containsExactly("own", "share");
        Backlog newer = new Backlog(5, 1000, false);
        add(newer, B, 1, 1, null);
        backlog.addAll(newer, (log, at, by) -> lost.add("moved"));
        assertThat(lost).containsExactly("own", "share", "moved");
        assertThat(backlog.head().first()).isZero();
    }

    @Test
    void theOldestMakesRoomIfSoWanted() {
        Backlog recent = new Backlog(3, 10, true);
        add(recent, A, 0, 1, "share");
        add(recent, B, 0, 1, null);
        add(recent, A, 1, 1, null);
        add(recent, A, 2, 1, null);
        assertThat(lost).containsExactly("share");
        assertThat(recent.head().log()).isSameAs(B);
        add(recent, A, 3, 9, null);
        assertThat(lost).as("bytes count as well").containsExactly("share", "own", "own");
        assertThat(recent.count()).isEqualTo(2);
        add(recent, A, 4, 11, null);
        assertThat(lost).as("never fits").hasSize(6);
        assertThat(recent.isEmpty()).isTrue();
    }

    @Test
    void whatCameByAShareCanBeTakenOut() {
        Object share = new Object();
        add(backlog, A, 1, 1, null);
        add(backlog, A, 2, 1, share);
        add(backlog, A, 3, 1, share);
        List<Long> taken = new ArrayList<>();
        backlog.removeShare(share, (log, offset) -> taken.add(offset));
        assertThat(taken).containsExactly(2L, 3L);
        assertThat(backlog.count()).isEqualTo(1);
    }
}
