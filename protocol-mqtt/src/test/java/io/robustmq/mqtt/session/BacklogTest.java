package io.robustmq.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final PartitionLog A = new PartitionLog(new Partition(new TopicId(1, 1), 0), "a");
    private static final PartitionLog B = new PartitionLog(new Partition(new TopicId(1, 2), 0), "b");

    private final Backlog backlog = new Backlog(5, 1000);

    @Test
    void neighboursAreOneRunAndOrderIsKept() {
        backlog.add(A, 1, 10, null);
        backlog.add(A, 2, 10, null);
        backlog.add(B, 7, 10, null);
        backlog.add(A, 3, 10, null);
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
    }

    @Test
    void countAndBytesAreBounded() {
        assertThat(backlog.add(A, 0, 1001, null)).isFalse();
        for (int i = 0; i < 5; i++) {
            assertThat(backlog.add(A, i, 1, null)).isTrue();
        }
        assertThat(backlog.add(A, 5, 1, null)).isFalse();
        Backlog newer = new Backlog(5, 1000);
        newer.add(B, 1, 1, null);
        assertThat(backlog.addAll(newer)).isEqualTo(1);
    }

    @Test
    void whatCameByAShareCanBeTakenOut() {
        Object share = new Object();
        backlog.add(A, 1, 1, null);
        backlog.add(A, 2, 1, share);
        backlog.add(A, 3, 1, share);
        List<Long> taken = new ArrayList<>();
        backlog.removeShare(share, (log, offset) -> taken.add(offset));
        assertThat(taken).containsExactly(2L, 3L);
        assertThat(backlog.count()).isEqualTo(1);
    }
}
