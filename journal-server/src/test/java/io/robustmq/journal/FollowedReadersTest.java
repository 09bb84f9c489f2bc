package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.loop.Cancellable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FollowedReadersTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long nowNs;
    private final List<String> happened = new ArrayList<>();
    private final List<Runnable> registered = new ArrayList<>();
    private final FollowedReaders readers = new FollowedReaders(() -> nowNs, () -> happened.add("came"));

    @Test
    void nobodyIsThereBeforeSomebodyCame() {
        assertThat(readers.areThere()).isFalse();
        await(0);
        assertThat(readers.areThere()).isTrue();
        assertThat(happened).containsExactly("came");
    }

    @Test
    void whoWaitsIsThereForAsLongAsItTakes() {
        await(0);
        nowNs = 100 * SECOND;
        assertThat(readers.areThere()).isTrue();
        await(100 * SECOND);
        assertThat(happened).containsExactly("came");
    }

    @Test
    void whoWasWokenComesBack() {
        await(0);
        registered.get(0).run();
        nowNs = 9 * SECOND;
        assertThat(readers.areThere()).isTrue();
        await(9 * SECOND);
        assertThat(happened).containsExactly("came", "woken");
        nowNs = 60 * SECOND;
        registered.get(1).run();
        nowNs = 69 * SECOND;
        assertThat(readers.areThere()).as("woken after a long wait").isTrue();
        nowNs = 70 * SECOND;
        assertThat(readers.areThere()).isFalse();
        await(70 * SECOND);
        assertThat(happened).containsExactly("came", "woken", "woken", "came");
    }

    @Test
    void whoOnlyLooksIsThereForAWhile() {
        readers.look();
        nowNs = 5 * SECOND;
        readers.look();
        assertThat(happened).containsExactly("came");
        nowNs = 14 * SECOND;
        assertThat(readers.areThere()).isTrue();
        nowNs = 15 * SECOND;
        assertThat(readers.areThere()).isFalse();
    }

    @Test
    void whoGivesUpAndIsWokenNonethelessIsGoneOnce() {
        Cancellable first = await(0);
        await(0);
        first.cancel();
        registered.get(0).run();
        first.cancel();
        nowNs = 100 * SECOND;
        assertThat(readers.areThere()).as("the second").isTrue();
        registered.get(1).run();
        nowNs = 110 * SECOND;
        assertThat(readers.areThere()).isFalse();
    }

    private Cancellable await(long atNs) {
        nowNs = atNs;
        return readers.await(() -> happened.add("woken"), then -> {
            registered.add(then);
            return Cancellable.NOTHING;
        });
    }
}
