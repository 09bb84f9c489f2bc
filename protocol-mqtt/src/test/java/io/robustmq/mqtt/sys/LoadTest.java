package io.robustmq.mqtt.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LoadTest {
    private final Load load = new Load();

    @Test
    void aSteadyRateIsApproachedFasterByTheShorterAverages() {
        for (int i = 1; i <= 30; i++) {
            load.update(100.0 * i, 10_000);
        }
        assertThat(load.perMinute(0)).isCloseTo(600, within(6.0));
        assertThat(load.perMinute(1)).isCloseTo(600 * (1 - Math.exp(-1)), within(1.0));
        assertThat(load.perMinute(2)).isCloseTo(600 * (1 - Math.exp(-1 / 3.0)), within(1.0));
    }

    @Test
    void noTimeNoChange() {
        load.update(5, 0);
        assertThat(load.perMinute(0)).isZero();
    }

    @Test
    void jsonIsEscaped() {
        assertThat(new JsonLine().put("a\"", "b\\\n").put("n", 3).put("t", true))
                .hasToString("{\"a\\\"\":\"b\\\\\\u000a\",\"n\":3,\"t\":true}");
    }

    @Test
    void aClientIdIsOneLevel() {
        assertThat(ClientEvents.level("a/b+c#%")).isEqualTo("a%2Fb%2Bc%23%25");
    }
}
