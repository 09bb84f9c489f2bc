package io.robustmq.core.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.PatternSyntaxException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientRegexTest {
    @Test
    void usualExpressionsMatchWholeNames() {
        assertThat(ClientRegex.compile("orders-.*").matches("orders-eu")).isTrue();
        assertThat(ClientRegex.compile("orders").matches("orders-eu")).isFalse();
        for (String usual : List.of(
                "[a-z]{1,200}-(eu|us)-[0-9]{4}",
                "(?i)^(a|b)+$",
                "\\Q.{9999}\\E{3}",
                "[]{99]{5}",
                "[[:alpha:]{2000}]{9}",
                "\\p{Greek}{20}\\x{10FFFF}{20}",
                "x{,9999}{",
                "")) {
            assertThat(ClientRegex.compile(usual).pattern()).isEqualTo(usual);
        }
    }

    @Test
    void nestedRepetitionsDoNotFillTheMemory() {
        for (String large : List.of(
                "((a{1000}){1000}){10}",
                "(((((((((((a{2}){9}){9}){9}){9}){9}){9}){9}){9}){9}))",
                "([]}]{1000}){3}",
                "(\\pN{1000}){1000}",
                "((ab|[^]]){100}){100}",
                "(\\Qab\\E{999}){999}",
                "a".repeat(3_000),
                "(".repeat(3_000))) {
            assertThatThrownBy(() -> ClientRegex.compile(large))
                    .isInstanceOf(PatternSyntaxException.class)
                    .hasMessageContaining("too large");
        }
    }

    @Test
    void whatIsNoExpressionIsRefused() {
        for (String none : List.of("[", "(", "a)", "*", "\\", "(?<", "\\p{")) {
            assertThatThrownBy(() -> ClientRegex.compile(none)).isInstanceOf(PatternSyntaxException.class);
        }
        assertThat(ClientRegex.compile("a{3").matches("a{3")).isTrue();
    }
}
