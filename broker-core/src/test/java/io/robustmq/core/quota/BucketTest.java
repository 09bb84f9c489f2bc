package io.robustmq.core.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void aFullBucketGivesItsBurstAndThenOwesTime() {
        Bucket bucket = new Bucket(1_000, 1_000, 0);
        assertThat(bucket.take(1_000, 0)).isZero();
        assertThat(bucket.take(500, 0)).isEqualTo(500);
        assertThat(bucket.take(0, SECOND / 4)).isEqualTo(250);
        assertThat(bucket.waitMs(SECOND)).isZero();
    }

    @Test
    void whoOnlyTriesOwesNothing() {
        Bucket bucket = new Bucket(2, 1_000, 0);
        assertThat(bucket.tryTake(1, 0)).isZero();
        assertThat(bucket.tryTake(1, 0)).isZero();
        assertThat(bucket.tryTake(1, 0)).isEqualTo(500);
        assertThat(bucket.tryTake(1, 0)).as("again").isEqualTo(500);
        assertThat(bucket.tryTake(1, SECOND / 2)).isZero();
    }

    @Test
    void timeFillsItNoFurtherThanItsBurst() {
        Bucket bucket = new Bucket(10, 1_000, 0);
        bucket.take(10, 0);
        assertThat(bucket.isFull(SECOND / 2)).isFalse();
        assertThat(bucket.isFull(2 * SECOND)).isTrue();
        assertThat(bucket.take(10, 100 * SECOND)).isZero();
        assertThat(bucket.take(10, 100 * SECOND)).isEqualTo(1_000);
    }

    @Test
    void aTimeBeforeZeroIsATimeLikeAnyOther() {
        Bucket bucket = new Bucket(10, 1_000, -5 * SECOND);
        assertThat(bucket.take(20, -5 * SECOND)).isEqualTo(1_000);
    }

    @Test
    void nobodyIsSentAwayForLongerThanAnHour() {
        Bucket bucket = new Bucket(0.001, 0, 0);
        assertThat(bucket.take(1e12, 0)).isEqualTo((int) TimeUnit.HOURS.toMillis(1));
        assertThat(bucket.take(1e12, 0)).isEqualTo((int) TimeUnit.HOURS.toMillis(1));
    }

    @Property
    void whoWaitsAsToldTakesNoMoreThanTheRateAndOneBurst(
            @ForAll @IntRange(min = 1, max = 1_000) int rate,
            @ForAll @IntRange(min = 1, max = 500) int amount,
            @ForAll @IntRange(min = 1, max = 200) int times) {
        Bucket bucket = new Bucket(rate, 1_000, 0);
        long now = 0;
        for (int i = 0; i < times; i++) {
            now += TimeUnit.MILLISECONDS.toNanos(bucket.take(amount, now));
        }
        double taken = (double) amount * times;
        assertThat(taken).isLessThanOrEqualTo(rate * (1 + now / 1e9) + 1);
    }
}
