package io.robustmq.core.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {
    /** Mostly the specification's own examples of section 4.7. */
    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#, sport/tennis/player1, true",
        "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
        "sport/tennis/player1/#, sport/tennis/player2, false",
        "sport/#, sport, true",
        "sport/#, sports, false",
        "#, sport, true",
        "#, /, true",
        "sport/tennis/+, sport/tennis/player1, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "+/tennis/#, sport/tennis, true",
        "a/+/#, a/b, true",
        "a/+/#, a, false",
        "ACCOUNTS, Accounts, false",
        "a//b, a//b, true",
        "a//b, a/b, false",
        "a/+/b, a//b, true",
        "a, a/, false",
        "a/, a, false",
    })
    void filterMatchesTopicAsTheSpecificationSays(String filter, String topic, boolean expected) {
        assertThat(TopicFilter.parse(filter).matches(topic)).isEqualTo(expected);
    }

    /** [MQTT-4.7.2-1] */
    @ParameterizedTest
    @CsvSource({
        "#, false",
        "+/monitor/Clients, false",
        "+/#, false",
        "$SYS/#, true",
        "$SYS/monitor/+, true",
        "$SYS/monitor/Clients, true"
    })
    void leadingWildcardDoesNotMatchServerTopics(String filter, boolean expected) {
        assertThat(TopicFilter.matches(filter, "$SYS/monitor/Clients")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "/", "//", "a/+/b", "+/#", "a/#", "$SYS/#", "$shared/x", "a b/ü/🙂", "$share2"})
    void validFiltersAreAccepted(String filter) {
        assertThat(TopicFilter.parse(filter).filter()).isEqualTo(filter);
        assertThat(TopicFilter.parse(filter).isShared()).isFalse();
    }

    /** [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.7.3-2], [MQTT-1.5.4-1] */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sport/tennis#",
                "sport/tennis/#/ranking",
                "#/",
                "##",
                "sport+",
                "+a",
                "a/b+/c",
                "a/+#",
                "a\u0000b",
                "\ud800x",
                "x\udc00"
            })
    void malformedFiltersAreRefused(String filter) {
        assertThat(TopicFilter.isValid(filter)).isFalse();
    }

    @Test
    void sharedFilterIsGroupAndFilter() {
        TopicFilter filter = TopicFilter.parse("$share/workers/jobs/+/#");
        assertThat(filter.shareGroup()).isEqualTo("workers");
        assertThat(filter.filter()).isEqualTo("jobs/+/#");
        assertThat(filter.text()).isEqualTo("$share/workers/jobs/+/#");
        assertThat(filter.matches("jobs/1")).isTrue();
        assertThat(TopicFilter.parse("$share/g//finance").filter()).isEqualTo("/finance");
    }

    /** [MQTT-4.8.2-1], [MQTT-4.8.2-2] */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$share",
                "$share/",
                "$share//",
                "$share//a",
                "$share/g",
                "$share/g/",
                "$share/+/a",
                "$share/g#/a",
                "$share/g+/a",
                "$share/g/a#"
            })
    void malformedSharedFiltersAreRefused(String filter) {
        assertThat(TopicFilter.isValid(filter)).isFalse();
    }

    @Test
    void limitsOfBytesAndLevelsAreEnforced() {
        assertThat(TopicFilter.parse("a/b/c", 5, 3).filter()).isEqualTo("a/b/c");
        assertThatThrownBy(() -> TopicFilter.parse("a/b/c", 4, 3)).hasMessageContaining("5 bytes");
        assertThatThrownBy(() -> TopicFilter.parse("a/b/c", 5, 2)).hasMessageContaining("3 levels");
        assertThatThrownBy(() -> TopicFilter.parse("/".repeat(TopicFilter.LEVELS_MAX)))
                .hasMessageContaining("levels");
        assertThatThrownBy(() -> TopicFilter.parse("ü".repeat(40_000))).hasMessageContaining("80000 bytes");
        assertThat(TopicFilter.parse("$share/group/a", 100, 1).filter()).isEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/b, a/c, false",
        "a/+, +/b, true",
        "a/#, a, true",
        "a, a/#, true",
        "a/+, a, false",
        "#, a/b/c, true",
        "#, $SYS/x, false",
        "$SYS/#, $SYS/+/y, true",
        "+/x, $SYS/x, false",
        "+/#, a, true",
        "a/+/c, a/b/#, true",
        "a/+/c, a/b/d/#, false",
        "a/b/c, a/b, false",
        "+, /, false",
    })
    void filtersOverlapWhenOneTopicMatchesBoth(String one, String other, boolean expected) {
        assertThat(TopicFilter.overlaps(one, other)).isEqualTo(expected);
        assertThat(TopicFilter.overlaps(other, one)).isEqualTo(expected);
    }

    @Test
    void anExclusiveFilterMatchesWithoutItsPrefix() {
        TopicFilter filter = TopicFilter.parse("$exclusive/a/+");
        assertThat(filter.isExclusive()).isTrue();
        assertThat(filter.isShared()).isFalse();
        assertThat(filter.matches("a/b")).isTrue();
        assertThat(filter.text()).isEqualTo("$exclusive/a/+");
        assertThat(TopicFilter.parse("$exclusive").isExclusive()).isFalse();
        assertThat(TopicFilter.isValid("$exclusive/")).isFalse();
    }
}
