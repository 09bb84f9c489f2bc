package io.robustmq.core.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.GroupFact.GroupSnapshot;
import io.robustmq.core.group.GroupFact.MemberSnapshot;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetRemoved;
import io.robustmq.core.model.TopicId;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupFactCodecTest {
    private final GroupFactCodec codec = new GroupFactCodec();

    @Test
    void offsetIsWrittenAsKafkaWritesIt() {
        CommittedOffset offset = new CommittedOffset(258, 7, "m", 1_000, -1, new TopicId(1, 2));
        GroupFact fact = new OffsetCommitted("g", "t", 3, offset);
        assertThat(hex(codec.key(fact))).isEqualTo("0001" + "000167" + "000174" + "00000003");
        assertThat(hex(codec.value(fact)))
                .isEqualTo("0004" + "0000000000000102" + "00000007" + "026d" + "00000000000003e8" + "01" + "00" + "10"
                        + "0000000000000001" + "0000000000000002");
        assertThat(decoded(fact)).isEqualTo(fact);
    }

    @Test
    void offsetWithItsOwnRetentionKeepsItsTopicAndItsEpoch() {
        CommittedOffset offset = new CommittedOffset(258, 7, "", 1_000, 2_000, new TopicId(1, 2));
        GroupFact fact = new OffsetCommitted("g", "t", 3, offset);
        assertThat(hex(codec.value(fact)))
                .isEqualTo("0004" + "0000000000000102" + "00000007" + "01" + "00000000000003e8" + "02" + "00" + "10"
                        + "0000000000000001" + "0000000000000002" + "e807" + "08" + "00000000000007d0");
        assertThat(decoded(fact)).isEqualTo(fact);
    }

    @Test
    void offsetOfTheFirstVersionIsRead() {
        byte[] value =
                HexFormat.of().parseHex("0001" + "0000000000000102" + "0000" + "00000000000003e8" + "00000000000007d0");
        assertThat(codec.decode(codec.key(new OffsetRemoved("g", "t", 3)), value))
                .isEqualTo(
                        new OffsetCommitted("g", "t", 3, new CommittedOffset(258, -1, "", 1_000, 2_000, TopicId.ZERO)));
    }

    @Test
    void offsetOfTheThirdVersionIsRead() {
        byte[] value =
                HexFormat.of().parseHex("0003" + "0000000000000102" + "00000007" + "00016d" + "00000000000003e8");
        assertThat(codec.decode(codec.key(new OffsetRemoved("g", "t", 3)), value))
                .isEqualTo(new OffsetCommitted("g", "t", 3, new CommittedOffset(258, 7, "m", 1_000, -1, TopicId.ZERO)));
    }

    @Test
    void groupIsWrittenAsKafkaWritesIt() {
        GroupFact fact = new GroupChanged("g", snapshot());
        assertThat(hex(codec.key(fact))).isEqualTo("0002" + "000167");
        assertThat(hex(codec.value(fact)))
                .isEqualTo("0003" + "0001" + "63" + "00000005" + "000172" + "00026d31" + "00000000000003e8" + "00000001"
                        + "00026d31" + "ffff" + "000169" + "000168" + "0000000a" + "00000014" + "00000001" + "01"
                        + "00000002" + "0203");
        assertThat(decoded(fact)).isEqualTo(fact);
    }

    @Test
    void removalsAreTombstones() {
        for (GroupFact fact : List.of(new GroupRemoved("g"), new OffsetRemoved("g", "t", 1))) {
            assertThat(codec.value(fact)).isNull();
            assertThat(decoded(fact)).isEqualTo(fact);
        }
    }

    @Test
    void everyTruncationIsRefused() {
        CommittedOffset offset = new CommittedOffset(258, 7, "meta", 1_000, -1, new TopicId(1, 2));
        for (GroupFact fact : List.of(new GroupChanged("g", snapshot()), new OffsetCommitted("g", "t", 3, offset))) {
            byte[] key = codec.key(fact);
            byte[] value = codec.value(fact);
            for (int length = 0; length < value.length; length++) {
                byte[] torn = Arrays.copyOf(value, length);
                assertThatThrownBy(() -> codec.decode(key, torn)).isInstanceOf(IllegalArgumentException.class);
            }
            for (int length = 0; length < key.length; length++) {
                byte[] torn = Arrays.copyOf(key, length);
                assertThatThrownBy(() -> codec.decode(torn, value)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void recordsOfOtherKindsOfGroupsAreSkipped() {
        assertThat(codec.decode(HexFormat.of().parseHex("0011000167"), new byte[] {0, 0}))
                .isNull();
    }

    private GroupFact decoded(GroupFact fact) {
        return codec.decode(codec.key(fact), codec.value(fact));
    }

    private static GroupSnapshot snapshot() {
        MemberSnapshot member = new MemberSnapshot(
                "m1", null, new GroupCommand.Client("i", "h"), 10, 20, Bytes.of(new byte[] {1}), Bytes.of(new byte[] {
                    2, 3
                }));
        return new GroupSnapshot("c", 5, "r", "m1", 1_000, List.of(member));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
