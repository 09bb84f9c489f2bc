package io.robustmq.journal.tier;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TierCacheTest {
    private final ArrayDeque<Runnable> reading = new ArrayDeque<>();
    private final TierCache cache = new TierCache(100, reading::add);

    @Test
    void whatIsOnItsWayCountsAsWhatIsHereDoes() {
        assertThat(request("a", 60)).isTrue();
        assertThat(request("b", 60)).isFalse();
        run();
        assertThat(cache.bytes()).isEqualTo(60);
        assertThat(request("b", 60)).isTrue();
        assertThat(cache.peek(key("a"))).isNull();
        run();
        assertThat(cache.peek(key("b"))).isEqualTo("b");
        assertThat(cache.bytes()).isEqualTo(60);
    }

    @Test
    void leastLatelyUsedGoesFirst() {
        request("a", 40);
        request("b", 40);
        run();
        cache.get(key("b"));
        cache.get(key("a"));
        request("c", 40);
        run();
        assertThat(cache.has(key("a"))).isTrue();
        assertThat(cache.has(key("b"))).isFalse();
    }

    @Test
    void whatNobodyHasLookedAtGoesLast() {
        request("a", 40);
        request("b", 40);
        run();
        cache.get(key("b"));
        request("c", 40);
        run();
        assertThat(cache.has(key("a"))).isTrue();
        assertThat(cache.has(key("b"))).isFalse();
        assertThat(request("d", 60)).isTrue();
        assertThat(cache.has(key("a"))).isFalse();
    }

    @Test
    void whatIsReadAheadDoesNotTakeThePlaceOfWhatNobodyHasLookedAt() {
        request("a", 60);
        run();
        assertThat(cache.requestAhead(key("b"), 60, () -> "b")).isFalse();
        assertThat(cache.get(key("a"))).isNotNull();
        assertThat(cache.requestAhead(key("b"), 60, () -> "b")).isTrue();
    }

    @Test
    void oneThatIsLargerThanAllIsReadAlone() {
        assertThat(request("large", 1_000)).isTrue();
        assertThat(request("a", 10)).isFalse();
        run();
        assertThat(request("a", 10)).isTrue();
        assertThat(cache.has(key("large"))).isFalse();
    }

    @Test
    void sameIsReadOnce() {
        request("a", 40);
        assertThat(request("a", 40)).isTrue();
        assertThat(reading).hasSize(1);
    }

    @Test
    void failureIsToldOnceAndThenReadAgain() {
        cache.request(key("a"), 40, () -> {
            throw new IOException("away");
        });
        run();
        TierCache.Found found = cache.get(key("a"));
        assertThat(found).isNotNull();
        assertThat(found.failure()).hasMessage("away");
        assertThat(cache.get(key("a"))).isNull();
        assertThat(cache.bytes()).isZero();
        assertThat(request("a", 40)).isTrue();
    }

    @Test
    void aBugIsToldToWhoWaitsAndLoggedWithItsTrace() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(TierCache.class);
        log.start();
        logger.addAppender(log);
        try {
            cache.request(key("a"), 40, () -> {
                throw new AssertionError("a bug");
            });
            run();
        } finally {
            logger.detachAppender(log);
        }
        TierCache.Found found = cache.get(key("a"));
        assertThat(found).isNotNull();
        assertThat(found.failure()).hasRootCauseMessage("a bug");
        assertThat(log.list).singleElement().satisfies(event -> assertThat(
                        event.getThrowableProxy().getMessage())
                .isEqualTo("a bug"));
    }

    private boolean request(String name, int size) {
        return cache.request(key(name), size, () -> name);
    }

    private void run() {
        while (!reading.isEmpty()) {
            reading.remove().run();
        }
    }

    private static TierCache.Key key(String name) {
        return new TierCache.Key(name, 0);
    }
}
