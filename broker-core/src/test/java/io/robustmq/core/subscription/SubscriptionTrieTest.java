package io.robustmq.core.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SubscriptionTrieTest {
    private final SubscriptionTrie<String> trie = new SubscriptionTrie<>(42);

    @Test
    void subscribersOfEveryMatchingFilterAreVisitedOncePerFilter() {
        trie.put("a/b", "exact");
        trie.put("a/+", "plus");
        trie.put("a/#", "hash");
        trie.put("#", "all");
        trie.put("a/b", "both");
        trie.put("+/b", "both");
        trie.put("a/c", "other");
        assertThat(match("a/b")).containsExactlyInAnyOrder("exact", "plus", "hash", "all", "both", "both");
        assertThat(match("a")).containsExactlyInAnyOrder("hash", "all");
        assertThat(match("x")).containsExactly("all");
    }

    @Test
    void puttingAnEqualSubscriberReplacesIt() {
        String first = new String("s");
        String second = new String("s");
        assertThat(trie.put("a/+/#", first)).isTrue();
        assertThat(trie.put("a/+/#", second)).isFalse();
        assertThat(trie.size()).isEqualTo(1);
        assertThat(match("a/b").get(0)).isSameAs(second);
    }

    @Test
    void removingTheLastSubscriberLeavesNothingBehind() {
        List<String> filters = List.of("a/b/c", "a/+/c", "a/#", "#", "+", "/", "a//b", "$SYS/+/x");
        filters.forEach(filter -> trie.put(filter, "s"));
        filters.forEach(filter -> assertThat(trie.remove(filter, "s")).isTrue());
        filters.forEach(filter -> assertThat(trie.remove(filter, "s")).isFalse());
        assertThat(trie.size()).isZero();
        assertThat(trie.couldMatchTopicTree("a")).isFalse();
        assertThat(trie.couldMatchTopicTree("")).isFalse();
        assertThat(trie.couldMatchTopicTree("$SYS")).isFalse();
        assertThat(match("a/b/c")).isEmpty();
    }

    @Test
    void removingAnAbsentSubscriberChangesNothing() {
        trie.put("a/b", "s");
        assertThat(trie.remove("a/b", "other")).isFalse();
        assertThat(trie.remove("a", "s")).isFalse();
        assertThat(trie.remove("a/#", "s")).isFalse();
        assertThat(trie.remove("a/+", "s")).isFalse();
        assertThat(match("a/b")).containsExactly("s");
    }

    @Test
    void topicTreeIsWantedOnlyIfSomeFilterReachesIt() {
        assertThat(trie.couldMatchTopicTree("a")).isFalse();
        trie.put("a/b/#", "s");
        assertThat(trie.couldMatchTopicTree("a")).isTrue();
        assertThat(trie.couldMatchTopicTree("ab")).isFalse();
        assertThat(trie.couldMatchTopicTree("$SYS")).isFalse();
        trie.put("+/x", "s");
        assertThat(trie.couldMatchTopicTree("ab")).isTrue();
        assertThat(trie.couldMatchTopicTree("$SYS")).isFalse();
        trie.put("$SYS/#", "s");
        assertThat(trie.couldMatchTopicTree("$SYS")).isTrue();
    }

    @Test
    void hashAloneWantsEveryTree() {
        trie.put("#", "s");
        assertThat(trie.couldMatchTopicTree("anything")).isTrue();
        assertThat(trie.couldMatchTopicTree("")).isTrue();
    }

    @Test
    void tooDeepFilterIsRefusedAndTooDeepTopicIsHarmless() {
        assertThatThrownBy(() -> trie.put("/".repeat(60_000), "s")).hasMessageContaining("levels");
        trie.put("+/".repeat(TopicFilter.LEVELS_MAX - 1) + "#", "s");
        assertThat(match("/".repeat(60_000))).containsExactly("s");
    }

    @Test
    void hundredThousandFiltersAndSubscribersStayCheapToChange() {
        for (int i = 0; i < 100_000; i++) {
            trie.put("devices/d" + i + "/cmd", "s" + i);
            trie.put("news", "s" + i);
        }
        assertThat(trie.size()).isEqualTo(200_000);
        assertThat(match("devices/d77777/cmd")).containsExactly("s77777");
        assertThat(match("news")).hasSize(100_000).doesNotHaveDuplicates();
        for (int i = 0; i < 100_000; i++) {
            assertThat(trie.remove("devices/d" + i + "/cmd", "s" + i)).isTrue();
        }
        assertThat(trie.couldMatchTopicTree("devices")).isFalse();
    }

    @Test
    void subscribersWithOneHashAreAllKept() {
        SubscriptionTrie<Colliding> colliding = new SubscriptionTrie<>();
        for (int i = 0; i < 100; i++) {
            assertThat(colliding.put("a", new Colliding(i))).isTrue();
        }
        assertThat(colliding.put("a", new Colliding(50))).isFalse();
        for (int i = 0; i < 99; i++) {
            assertThat(colliding.remove("a", new Colliding(i))).isTrue();
        }
        List<Colliding> left = new ArrayList<>();
        colliding.match("a", left::add);
        assertThat(left).containsExactly(new Colliding(99));
    }

    @Test
    void changesFromManyThreadsAreAllKeptAndMatchesSeeWholeSubscriptions() throws Exception {
        trie.put("t/+", "fixed");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                int id = thread;
                done.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < 2_000; i++) {
                        trie.put("t/" + i % 50, id + "-" + i);
                        trie.put("u/" + id + "/" + i, "kept");
                        trie.remove("t/" + i % 50, id + "-" + i);
                    }
                    return null;
                }));
            }
            done.add(threads.submit(() -> {
                start.await();
                for (int i = 0; i < 20_000; i++) {
                    assertThat(match("t/" + i % 50)).contains("fixed");
                }
                return null;
            }));
            start.countDown();
            for (Future<?> future : done) {
                future.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(trie.size()).isEqualTo(6_001);
    }

    private List<String> match(String topic) {
        List<String> found = new ArrayList<>();
        trie.match(topic, found::add);
        return found;
    }

    private record Colliding(int id) {
        @Override
        public int hashCode() {
            return 7;
        }
    }
}
