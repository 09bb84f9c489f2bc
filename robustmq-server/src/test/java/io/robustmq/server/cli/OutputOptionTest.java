package io.robustmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutputOptionTest {
    private static final List<String> HEADER = List.of("topic", "partitions", "internal");
    private static final List<List<Object>> ROWS = List.of(List.of("sensors", 3, false), List.of("a\"b", 1, true));

    @Test
    void aTableHasAlignedColumnsAndNoTrailingBlanks() {
        assertThat(OutputOption.table(HEADER, ROWS).lines())
                .containsExactly(
                        "topic    partitions  internal", "sensors  3           false", "a\"b      1           true");
    }

    @Test
    void jsonKeepsNumbersAndTruthValues() {
        assertThat(OutputOption.json(HEADER, ROWS))
                .isEqualToIgnoringNewLines("[{\"topic\":\"sensors\",\"partitions\":3,\"internal\":false},"
                        + "{\"topic\":\"a\\\"b\",\"partitions\":1,\"internal\":true}]");
    }
}
