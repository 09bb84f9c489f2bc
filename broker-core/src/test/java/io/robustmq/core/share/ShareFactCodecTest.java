package io.robustmq.core.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.share.ShareFact.Forgotten;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareFact.StoredRun;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShareFactCodecTest {
    private static final Progressed FACT = new Progressed(
            ShareFixture.KEY,
            3,
            6,
            9,
            10,
            List.of(
                    new StoredRun(12, 13, RecordState.ACKNOWLEDGED, 1),
                    new StoredRun(14, 14, RecordState.AVAILABLE, 2),
                    new StoredRun(16, 17, RecordState.ARCHIVED, 5)));

    private final ShareFactCodec codec = new ShareFactCodec();

    @Test
    void keysAndValuesAreThoseOfKafka() {
        assertThat(HexFormat.of().formatHex(codec.key(FACT)))
                .isEqualTo("0000" + "000167" + "0000000000000001" + "0000000000000002" + "00000000");
        assertThat(HexFormat.of().formatHex(codec.value(FACT)))
                .isEqualTo("0000" + "00000000" + "00000003" + "00000006" + "000000000000000a" + "ffffffffffffffff"
                        + "ffffffffffffffff" + "04"
                        + "000000000000000c" + "000000000000000d" + "02" + "0001" + "00"
                        + "000000000000000e" + "000000000000000e" + "00" + "0002" + "00"
                        + "0000000000000010" + "0000000000000011" + "04" + "0005" + "00"
                        + "02" + "00" + "04" + "00000004" + "904e" + "08" + "0000000000000009");
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(codec.decode(codec.key(FACT), codec.value(FACT))).isEqualTo(FACT);
        Forgotten gone = new Forgotten(ShareFixture.KEY);
        assertThat(codec.value(gone)).isNull();
        assertThat(codec.decode(codec.key(gone), null)).isEqualTo(gone);
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] key = codec.key(FACT);
        byte[] value = codec.value(FACT);
        for (int length = 0; length < value.length; length++) {
            byte[] torn = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> codec.decode(key, torn)).isInstanceOf(IllegalArgumentException.class);
        }
        for (int length = 0; length < key.length; length++) {
            byte[] torn = Arrays.copyOf(key, length);
            assertThatThrownBy(() -> codec.decode(torn, value)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void runsOutOfOrderAreRefused() {
        for (StoredRun second : List.of(
                new StoredRun(13, 14, RecordState.ARCHIVED, 1), new StoredRun(15, 14, RecordState.ARCHIVED, 1))) {
            Progressed broken = new Progressed(
                    ShareFixture.KEY, 0, 0, 0, 10, List.of(new StoredRun(12, 13, RecordState.ARCHIVED, 1), second));
            assertThatThrownBy(() -> codec.decode(codec.key(broken), codec.value(broken)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
