package io.robustmq.core.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTest {
    @Test
    void textFormIsFilterArrowTopicColonTemplate() {
        assertThat(Route.parse(" factory/+/line/# -> lines : {1}/{2} "))
                .isEqualTo(new Route("factory/+/line/#", "lines", "{1}/{2}"));
        assertThat(Route.parse("a/b->t:k")).isEqualTo(new Route("a/b", "t", "k"));
        assertThat(Route.parse("a/# -> t")).isEqualTo(new Route("a/#", "t", "{0}"));
        assertThat(Route.parse("a/# -> t :")).isEqualTo(new Route("a/#", "t", null));
        assertThat(Route.parseAll(List.of("a -> b", "c -> d"))).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "factory/+/line/#, {1}-{2}, factory/f1/line/7/x, f1-7/x",
        "factory/+/line/#, {1}-{2}, factory/f1/line, f1-",
        "factory/+/line/#, {2}{1}{2}, factory//line/, ''",
        "+/+, {2}/{1}, a/b, b/a",
        "#, all/{1}, a/b/c, all/a/b/c",
        "a/b, fixed, a/b, fixed",
        "a/+, {0}, a/b, a/b",
    })
    void keyIsTheTemplateWithWhatTheWildcardsMatched(String filter, String template, String topic, String key) {
        Route route = new Route(filter, "t", template);
        assertThat(route.matches(topic)).isTrue();
        assertThat(route.key(topic)).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource({
        "no arrow, must be filter -> topic",
        "a/#/b -> t, '#'",
        "$SYS/# -> t, start with $",
        "$share/g/a -> t, start with $",
        "a -> no/topic, no legal topic name",
        "a -> , no legal topic name",
        "a -> __mqtt_sessions, own topic",
        "a/+ -> t : {2}, 'has 1 wildcards'",
        "a/+ -> t : {x}, number of a wildcard",
        "a/+ -> t : {, number of a wildcard",
        "a/+ -> t : {}, number of a wildcard",
        "a/+ -> t : {1}}, without {",
        "a/+ -> t : {99999999999}, number of a wildcard",
    })
    void routesThatCannotWorkAreRefusedWithASentence(String text, String sentence) {
        assertThatThrownBy(() -> Route.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }
}
