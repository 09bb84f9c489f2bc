package io.robustmq.journal.clean;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeyOffsetsTest {
    @Test
    void newestOffsetOfEachKeyIsFoundUntilTheTableIsFull() {
        try (KeyOffsets keys = new KeyOffsets(1 << 16)) {
            int fits = 0;
            while (keys.put(key("k" + fits), fits)) {
                fits++;
            }
            assertThat(fits).isEqualTo((1 << 16) / 24 * 3 / 4);
            assertThat(keys.put(key("k7"), 1_000_000))
                    .as("a known key needs no room")
                    .isTrue();
            for (int i = 0; i < fits; i++) {
                assertThat(keys.get(key("k" + i))).isEqualTo(i == 7 ? 1_000_000 : i);
            }
            assertThat(keys.get(key("k" + fits))).isEqualTo(KeyOffsets.NONE);
            keys.clear();
            assertThat(keys.size()).isZero();
            assertThat(keys.get(key("k7"))).isEqualTo(KeyOffsets.NONE);
        }
    }

    @Test
    void emptyKeyIsAKeyAndOffsetZeroAnOffset() {
        try (KeyOffsets keys = new KeyOffsets(1 << 16)) {
            assertThat(keys.put(key(""), 0)).isTrue();
            assertThat(keys.get(key(""))).isZero();
            assertThat(keys.get(key("0"))).isEqualTo(KeyOffsets.NONE);
        }
    }

    private static ByteBuf key(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
