package io.robustmq.core.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class SubscriptionTriePropertyTest {
    @Property(tries = 500)
    void trieMatchesWhatTheNaiveMatcherMatches(
            @ForAll @Size(max = 40) List<@From("filters") String> filters,
            @ForAll @Size(max = 40) List<@From("filters") String> removed,
            @ForAll @Size(min = 1, max = 10) List<@From("topics") String> topics) {
        SubscriptionTrie<String> trie = new SubscriptionTrie<>(filters.hashCode());
        Map<String, String> model = new LinkedHashMap<>();
        for (String filter : filters) {
            assertThat(trie.put(filter, filter)).isEqualTo(model.put(filter, filter) == null);
        }
        for (String filter : removed) {
            assertThat(trie.remove(filter, filter)).isEqualTo(model.remove(filter) != null);
        }
        assertThat(trie.size()).isEqualTo(model.size());
        for (String topic : topics) {
            List<String> found = new ArrayList<>();
            trie.match(topic, found::add);
            List<String> expected = model.keySet().stream()
                    .filter(filter -> NaiveFilter.matches(filter, topic))
                    .toList();
            assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
            if (!found.isEmpty()) {
                assertThat(trie.couldMatchTopicTree(MqttTopic.firstLevel(topic)))
                        .isTrue();
            }
        }
    }

    @Property
    void filterMatchesWhatTheNaiveMatcherMatches(@ForAll("filters") String filter, @ForAll("topics") String topic) {
        assertThat(TopicFilter.matches(filter, topic)).isEqualTo(NaiveFilter.matches(filter, topic));
    }

    @Property
    void filtersThatMatchOneTopicOverlap(
            @ForAll("filters") String one, @ForAll("filters") String other, @ForAll("topics") String topic) {
        assertThat(TopicFilter.overlaps(one, other)).isEqualTo(TopicFilter.overlaps(other, one));
        if (NaiveFilter.matches(one, topic) && NaiveFilter.matches(other, topic)) {
            assertThat(TopicFilter.overlaps(one, other)).isTrue();
        }
    }

    @Provide
    Arbitrary<String> filters() {
        return Arbitraries.of("a", "b", "", "+", "#", "$x", "long level")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(levels -> String.join("/", levels))
                .filter(TopicFilter::isValid);
    }

    @Provide
    Arbitrary<String> topics() {
        return Arbitraries.of("a", "b", "", "$x", "long level", "c")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(levels -> String.join("/", levels))
                .filter(MqttTopic::isValid);
    }
}
