package io.robustmq.mqtt.limits;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Paces.Rates UNLIMITED = new Paces.Rates(0, 0);

    @Test
    void aSecondsWorthIsFreeThenThePaceHolds() {
        Pace pace = new Pace(10, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(pace.take(1, 0)).isZero();
        }
        assertThat(pace.take(1, 0)).isEqualTo(SECOND / 10);
        assertThat(pace.take(10, SECOND)).isEqualTo(SECOND / 10);
        assertThat(pace.take(1, 60 * SECOND))
                .as("what was not used is not saved up")
                .isZero();
        assertThat(pace.take(9, 60 * SECOND)).isZero();
        assertThat(pace.take(1, 60 * SECOND)).isEqualTo(SECOND / 10);
    }

    @Test
    void theSlowestOfClientUserAndListenerCounts() {
        Paces listener = new Paces(new Paces.Rates(100, 0), 0);
        RateLimits limits = new RateLimits(new Paces.Rates(0, 1000), listener, 0);
        assertThat(limits.isUnlimited()).isFalse();
        assertThat(limits.take(1500, 0)).isEqualTo(500);
        UserPaces users = new UserPaces(new Paces.Rates(0, 100));
        limits.user(users.join("u", 0));
        assertThat(limits.take(500, 0)).isEqualTo(4000);
        assertThat(new RateLimits(UNLIMITED, null, 0).isUnlimited()).isTrue();
    }

    @Test
    void aUserIsForgottenWithItsLastConnection() {
        UserPaces users = new UserPaces(new Paces.Rates(1, 0));
        assertThat(users.join("u", 0)).isSameAs(users.join("u", 0));
        users.leave("u");
        assertThat(users.count()).isOne();
        users.leave("u");
        assertThat(users.count()).isZero();
        assertThat(new UserPaces(UNLIMITED).join("u", 0)).isNull();
    }

    @Test
    void whoLeavesTooOftenFlaps() {
        FlappingDetector detector = new FlappingDetector(2, 1000);
        assertThat(detector.left("c", 0)).isFalse();
        assertThat(detector.left("c", 500)).isFalse();
        assertThat(detector.left("c", 1000)).as("another window").isFalse();
        assertThat(detector.left("c", 1001)).isFalse();
        assertThat(detector.left("c", 1002)).isTrue();
        assertThat(detector.left("c", 1003)).as("anew").isFalse();
        for (int i = 0; i < 30_000; i++) {
            detector.left("c" + i, 0);
        }
        assertThat(detector.size()).isEqualTo(20_000);
    }

    @Test
    void oneAddressMayNotTakeWhatAllMay() {
        ConnectRate rate = new ConnectRate(3, 2);
        assertThat(rate.admits(0)).isTrue();
        assertThat(rate.admits("a", 0)).isTrue();
        assertThat(rate.admits("a", 1)).isTrue();
        assertThat(rate.admits("a", 2)).isFalse();
        assertThat(rate.admits("b", 2)).isTrue();
        assertThat(rate.admits(3)).isTrue();
        assertThat(rate.admits(4)).isTrue();
        assertThat(rate.admits(5)).isFalse();
        assertThat(rate.admits(1_000_000_000L)).isTrue();
        assertThat(rate.admits("a", 1_000_000_000L)).isTrue();
        assertThat(new ConnectRate(1, 0).admits("a", 0)).as("no limit").isTrue();
    }
}
