package io.robustmq.kafka.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.kafka.quota.ThrottleTimes;
import java.util.Arrays;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

class ThrottleTimesTest {
    @Test
    void everyAnswerThatHasTheFieldSaysHowLongToWait() throws ReflectiveOperationException {
        Set<ApiKeys> served = new GroupApisFixture().table.keySet();
        assertThat(served).hasSizeGreaterThan(40);
        for (ApiKeys api : served) {
            ApiMessage answer = ApiMessageType.fromApiKey(api.id).newResponse();
            boolean hasField = Arrays.stream(answer.getClass().getMethods())
                    .anyMatch(method -> method.getName().equals("throttleTimeMs"));
            ThrottleTimes.set(answer, 7);
            if (hasField) {
                assertThat(answer.getClass().getMethod("throttleTimeMs").invoke(answer))
                        .as("%s", api)
                        .isEqualTo(7);
            }
        }
    }
}
