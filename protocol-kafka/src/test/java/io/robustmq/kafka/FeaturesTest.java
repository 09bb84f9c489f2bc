package io.robustmq.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.robustmq.kafka.Features.Feature;
import org.junit.jupiter.api.Test;

class FeaturesTest {
    @Test
    void namesAreUniqueAndInOrder() {
        assertThat(Features.all()).extracting(Feature::name).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aLevelLiesWithinWhatTheCodeServes() {
        assertThat(Feature.of("group.version", 0, 1).level()).isEqualTo((short) 1);
        assertThatIllegalArgumentException().isThrownBy(() -> new Feature("f", (short) 1, (short) 2, (short) 3));
    }
}
