package io.robustmq.mqtt.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicRewriteTest {
    private static TopicRewrite rules(String... rules) {
        return TopicRewrite.parse(List.of(rules));
    }

    @Test
    void theFirstRuleThatMatchesCounts() {
        TopicRewrite rewrite = rules("publish a/+/b/# -> c/{1}/{2}", "all a/# -> d/{1}", "all e -> %u/%c");
        assertThat(rewrite.publish("a/x/b/y/z", "c", "u")).isEqualTo("c/x/y/z");
        assertThat(rewrite.publish("a/x/b", "c", "u")).isEqualTo("c/x/");
        assertThat(rewrite.publish("a/x", "c", "u")).isEqualTo("d/x");
        assertThat(rewrite.publish("b", "c", "u")).isEqualTo("b");
        assertThat(rewrite.publish("e", "c", "u")).isEqualTo("u/c");
        assertThat(rewrite.publish("e", "c/d", "u"))
                .as("no name reaches beyond its level")
                .isEqualTo("e");
    }

    @Test
    void filtersAreMatchedAsTheyAreWritten() {
        TopicRewrite rewrite = rules("publish a/# -> b/{1}", "subscribe a/+/# -> c/{2}/{1}");
        assertThat(rewrite.subscribe("a/+/#", "c", "u")).isEqualTo("c/#/+");
        assertThat(rewrite.subscribe("$share/g/a/1/2", "c", "u")).isEqualTo("$share/g/c/2/1");
        assertThat(rewrite.subscribe("$exclusive/a/1/2", "c", "u")).isEqualTo("$exclusive/c/2/1");
        assertThat(rewrite.subscribe("$SYS/a", "c", "u")).isEqualTo("$SYS/a");
        assertThat(rewrite.subscribe("a", "c", "u")).isEqualTo("a");
    }

    @Test
    void whatIsNoRuleIsRefused() {
        for (String text : List.of(
                "",
                "a -> b",
                "publish a",
                "publish a -> ",
                "publish a/# -> b/{2}",
                "publish $a -> b",
                "publish a -> $b",
                "publish a/#/b -> c",
                "erase a -> b",
                "publish -> b")) {
            assertThatThrownBy(() -> rules(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void automaticSubscriptionsHaveTheNamesFilledIn() {
        AutoSubscriptions automatic = AutoSubscriptions.parse(List.of("to/%c/# 1", "all", "user/%u 2"));
        assertThat(automatic.of("c1", "joe"))
                .containsExactly(
                        new AutoSubscriptions.Wanted("to/c1/#", 1),
                        new AutoSubscriptions.Wanted("all", 0),
                        new AutoSubscriptions.Wanted("user/joe", 2));
        assertThat(automatic.of("c+", "")).containsExactly(new AutoSubscriptions.Wanted("all", 0));
        for (String text : List.of("a 3", "a b c", "a/#/b", " ")) {
            assertThatThrownBy(() -> AutoSubscriptions.parse(List.of(text)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
