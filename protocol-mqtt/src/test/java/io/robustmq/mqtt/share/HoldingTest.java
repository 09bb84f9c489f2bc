package io.robustmq.mqtt.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import org.junit.jupiter.api.Test;

class HoldingTest {
    private static final Partition A = new Partition(new TopicId(1, 1), 0);
    private static final Partition B = new Partition(new TopicId(1, 1), 1);

    private final Holding holding = new Holding();

    @Test
    void eachMessageCountsOnce() {
        assertThat(holding.add(A, 7)).isTrue();
        assertThat(holding.add(A, 7)).isFalse();
        assertThat(holding.add(B, 7)).isTrue();
        assertThat(holding.size()).isEqualTo(2);
        assertThat(holding.remove(A, 7)).isTrue();
        assertThat(holding.remove(A, 7)).isFalse();
        assertThat(holding.contains(A, 7)).isFalse();
        assertThat(holding.contains(B, 7)).isTrue();
        assertThat(holding.size()).isEqualTo(1);
    }

    @Test
    void theLowestOfAPartitionIsItsOwn() {
        assertThat(holding.lowest(A)).isEqualTo(Long.MAX_VALUE);
        holding.add(A, 9);
        holding.add(A, 5);
        holding.add(B, 1);
        assertThat(holding.lowest(A)).isEqualTo(5);
        holding.remove(A, 5);
        assertThat(holding.lowest(A)).isEqualTo(9);
    }

    @Test
    void whatIsBehindIsForgottenAndTheOldestBeyondTheLimit() {
        for (long offset = 1; offset <= 6; offset++) {
            holding.add(A, offset);
        }
        holding.add(B, 1);
        assertThat(holding.from(A, 3, 10)).containsExactly(3L, 4L, 5L, 6L);
        assertThat(holding.from(A, 3, 2)).containsExactly(5L, 6L);
        assertThat(holding.from(A, 7, 2)).isEmpty();
        holding.prune(A, 3, 3);
        assertThat(holding.of(A)).containsExactly(4L, 5L, 6L);
        assertThat(holding.size()).isEqualTo(4);
    }
}
