package io.robustmq.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ThrottledReplicasTest {
    @Test
    void noReplicaIsHeldUnlessItIsListed() {
        assertThat(leaders("").has(0, 1)).isFalse();
        ThrottledReplicas listed = leaders("0:1, 2:3");
        assertThat(listed.has(0, 1)).isTrue();
        assertThat(listed.has(2, 3)).isTrue();
        assertThat(listed.has(0, 3)).isFalse();
        assertThat(listed.has(3, 2)).isFalse();
        assertThat(leaders("*").has(7, 9)).isTrue();
    }

    @Test
    void whatIsNoListIsRefused() {
        for (String text : new String[] {"0", "0:", ":1", "0:1,*", "-1:2", "0:1:2", "all"}) {
            assertThatThrownBy(() -> leaders(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("leader.replication.throttled.replicas");
        }
    }

    private static ThrottledReplicas leaders(String text) {
        return TopicSettings.of(Map.of("leader.replication.throttled.replicas", text))
                .throttled()
                .leaders();
    }
}
