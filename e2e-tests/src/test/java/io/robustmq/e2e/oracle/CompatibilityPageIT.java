package io.robustmq.e2e.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page about differences from Apache Kafka is the list that {@link OracleIT} holds the broker to. */
class CompatibilityPageIT {
    private static final Path PAGE = Path.of("..", "docs", "kafka-compatibility.md");

    private static final String HEAD = """
            # Compatibility with Apache Kafka

            Requests of all kinds, valid and invalid, in all versions that both know, are sent to this broker and to Apache Kafka 4.4,
            and the answers are compared field by field; what cannot be the same (ids, times, addresses, wording) is masked. These
            are all the differences that remain, and why. `*` stands for anything; [kafka-apis.md](kafka-apis.md) lists APIs and versions.

            Generated from `e2e-tests/src/test/resources/kafka-differences.txt`: `OracleIT` fails for a difference that is not there, and,
            in the profile `full`, for a line without one; without the profile it asks in the newest versions only. `CompatibilityPageIT` fails
            when this page is stale, and writes it with `-Drobustmq.docs.write=true`.
            """;

    @Test
    void pageIsTheListOfDifferences() throws IOException {
        String page = HEAD + KnownDifferences.read(KnownDifferences.LIST).tables();
        if (Boolean.getBoolean("robustmq.docs.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }
}
