package io.robustmq.kafka.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.kafka.memory.MemoryBroker;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnedAwayTest {
    @Test
    void whoIsConnectedIsClosedAndWhoComesUntilClientsAreLetInAgain() throws Exception {
        try (MemoryBroker broker = new MemoryBroker();
                WireClient before = new WireClient(broker.address())) {
            assertServed(before);
            broker.server().turnClientsAway();
            assertThat(before.isClosedByServer()).isTrue();
            for (int i = 0; i < 2; i++) {
                try (WireClient meanwhile = new WireClient(broker.address())) {
                    assertThat(meanwhile.isClosedByServer()).isTrue();
                }
            }
            broker.server().turnClientsAway();
            broker.server().letClientsIn();
            try (WireClient after = new WireClient(broker.address())) {
                assertServed(after);
            }
        }
    }

    private static void assertServed(WireClient client) throws Exception {
        ApiVersionsResponseData answer =
                client.call(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData(), ApiVersionsResponseData.class);
        assertThat(answer.errorCode()).isZero();
    }
}
