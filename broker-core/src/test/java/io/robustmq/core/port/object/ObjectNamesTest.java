package io.robustmq.core.port.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", ".hidden", "...", "a b/c+d", "100%/#1", "~/!$&'(),=@_-"})
    void takesWhatEveryStoreTakes(String name) {
        assertThat(ObjectNames.checked(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a:b", "a\\b", "a*", "a?", "a\nb", "ä", "\0"})
    void refusesWhatSomeStoreWouldMisread(String name) {
        assertThatThrownBy(() -> ObjectNames.checked(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesWhatIsTooLong() {
        String part = "x".repeat(255);
        assertThat(ObjectNames.checked(part + "/" + part)).hasSize(511);
        assertThatThrownBy(() -> ObjectNames.checked(part + "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ObjectNames.checked(part + "/" + part + "/" + part))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
