package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.loop.Cancellable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FollowedReadersTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<String> happened = new ArrayList<>();
    private final List<Runnable> registered = new ArrayList<>();
    private final FollowedReaders readers = new FollowedReaders(() -> happened.add("came"));

    @Test
    void nobodyIsThereBeforeSomebodyCame() {
        assertThat(readers.areThere(0)).isFalse();
        await(0);
        assertThat(readers.areThere(0)).isTrue();
        assertThat(happened).containsExactly("came");
    }

    @Test
    void whoWaitsIsThereForAsLongAsItTakes() {
        await(0);
        assertThat(readers.areThere(100 * SECOND)).isTrue();
        await(100 * SECOND);
        assertThat(happened).containsExactly("came");
    }

    @Test
    void whoWasWokenComesBack() {
        await(0);
        registered.get(0).run();
        assertThat(readers.areThere(9 * SECOND)).isTrue();
        await(9 * SECOND);
        assertThat(happened).containsExactly("came", "woken");
        registered.get(1).run();
        assertThat(readers.areThere(20 * SECOND)).isFalse();
        await(20 * SECOND);
        assertThat(happened).containsExactly("came", "woken", "woken", "came");
    }

    @Test
    void whoOnlyLooksIsThereForAWhile() {
        readers.look(0);
        readers.look(5 * SECOND);
        assertThat(happened).containsExactly("came");
        assertThat(readers.areThere(14 * SECOND)).isTrue();
        assertThat(readers.areThere(15 * SECOND)).isFalse();
    }

    @Test
    void whoGivesUpAndIsWokenNonethelessIsGoneOnce() {
        Cancellable first = await(0);
        await(0);
        first.cancel();
        registered.get(0).run();
        first.cancel();
        assertThat(readers.areThere(100 * SECOND)).as("the second").isTrue();
        registered.get(1).run();
        assertThat(readers.areThere(100 * SECOND)).isFalse();
    }

    private Cancellable await(long nowNs) {
        return readers.await(nowNs, () -> happened.add("woken"), then -> {
            registered.add(then);
            return Cancellable.NOTHING;
        });
    }
}
