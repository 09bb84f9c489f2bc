package io.robustmq.core.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.robustmq.core.model.Principal;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingPublishTest {
    private static WaitingPublish of(int payloadBytes, List<UserProperty> properties) {
        return new WaitingPublish(
                "t",
                Unpooled.wrappedBuffer(new byte[payloadBytes]),
                new PublishProperties(1, false, PublishProperties.NO_EXPIRY, null, null, null, 0, properties),
                Principal.ANONYMOUS);
    }

    @Test
    void whatIsTooLargeForOneRecordIsKnown() {
        assertThat(of(899_000, List.of()).isTooLarge()).isFalse();
        assertThat(of(900_000, List.of()).isTooLarge()).isTrue();
        UserProperty property = new UserProperty("name", "x".repeat(1000));
        assertThat(of(0, Collections.nCopies(200, property)).isTooLarge()).isFalse();
        assertThat(of(0, Collections.nCopies(300, property)).isTooLarge()).isTrue();
    }

    @Test
    void whoSaidNothingOfItselfStaysUnknown() {
        WaitingPublish read = WaitingPublishCodec.decode(ByteBuffer.wrap(WaitingPublishCodec.encode(of(3, List.of()))));
        assertThat(read.publisher()).isSameAs(Principal.ANONYMOUS);
        assertThat(read).isEqualTo(of(3, List.of()));
    }
}
