package io.robustmq.core.retained;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RetainedIndexPropertyTest {
    @Property
    void pagesTogetherAreWhatTheFilterMatches(
            @ForAll @Size(max = 60) List<@From("topics") String> topics,
            @ForAll("filters") String filter,
            @ForAll @IntRange(min = 1, max = 20) int countMax) {
        RetainedIndex index = new RetainedIndex(new RetainedConfig(1_000, 1 << 20));
        topics.forEach(topic -> index.put(RetainedIndexTest.message(topic, 1)));
        List<String> found = new ArrayList<>();
        String next = null;
        do {
            RetainedPage page = index.page(filter, next, countMax, 1_000, 0);
            assertThat(page.messages()).hasSizeLessThanOrEqualTo(countMax);
            page.messages().forEach(message -> found.add(message.topic()));
            next = page.next();
        } while (next != null);
        List<String> expected = new TreeSet<>(topics)
                .stream().filter(topic -> TopicFilter.matches(filter, topic)).toList();
        assertThat(found).containsExactlyElementsOf(expected);
    }

    @Provide
    Arbitrary<String> filters() {
        return Arbitraries.of("a", "b", "", "+", "#", "$x", "a-", "a0")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(levels -> String.join("/", levels))
                .filter(TopicFilter::isValid);
    }

    @Provide
    Arbitrary<String> topics() {
        return Arbitraries.of("a", "b", "", "$x", "a-", "a0", "a!", "\ud83d\ude00")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(levels -> String.join("/", levels))
                .filter(MqttTopic::isValid);
    }
}
