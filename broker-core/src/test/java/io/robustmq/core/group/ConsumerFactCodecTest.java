package io.robustmq.core.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.group.GroupFact.ConsumerGroupFact;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.Kind;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.RegexResolved;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicProtocol;
import io.robustmq.core.group.consumer.ConsumerMember.ClassicTerms;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.model.TopicId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsumerFactCodecTest {
    private static final TopicId TOPIC = new TopicId(1, 2);
    private static final String TOPIC_HEX = "0000000000000001" + "0000000000000002";

    private final GroupFactCodec codec = new GroupFactCodec();

    private static List<ConsumerFact> facts() {
        Partitions two = Partitions.builder().add(TOPIC, 0).add(TOPIC, 3).build();
        return List.of(
                new EpochBumped("g", 5, 258),
                new EpochBumped("g", 5, 0),
                new MemberChanged(
                        "g", new ConsumerMember("m", "i", "r", "c", "h", List.of("t"), "a.*", 10, "uniform", null)),
                new MemberChanged("g", classicMember()),
                new TargetsReached("g", 5, 1_000),
                new TargetChanged("g", "m", two),
                new AssignmentChanged(
                        "g",
                        "m",
                        new MemberAssignment(5, 4, MemberAssignment.State.UNREVOKED, two.at(4), Partitions.NONE)),
                new RegexResolved("g", "a.*", List.of("ab"), 7, 1_000));
    }

    private static ConsumerMember classicMember() {
        ClassicProtocol range = new ClassicProtocol("range", ByteBuffer.wrap(new byte[] {1, 2}));
        return new ConsumerMember(
                "m", null, null, "c", "h", List.of("t"), "", 10, null, new ClassicTerms(20, List.of(range)));
    }

    @Test
    void keysAndValuesAreThoseOfKafka() {
        assertThat(facts().stream().map(this::hex))
                .containsExactly(
                        "0003" + "000167" + " 0000" + "00000005" + "01" + "00" + "08" + "0000000000000102",
                        "0003" + "000167" + " 0000" + "00000005" + "00",
                        "0005" + "000167" + "00016d" + " 0000" + "0269" + "0272" + "0263" + "0268" + "020274"
                                + "04612e2a" + "0000000a" + "08756e69666f726d" + "00",
                        "0005" + "000167" + "00016d" + " 0000" + "00" + "00" + "0263" + "0268" + "020274" + "00"
                                + "0000000a" + "00" + "01" + "00" + "11" + "01" + "00000014" + "02" + "0672616e6765"
                                + "030102" + "00" + "00",
                        "0006" + "000167" + " 0000" + "00000005" + "01" + "00" + "08" + "00000000000003e8",
                        "0007" + "000167" + "00016d" + " 0000" + "02" + TOPIC_HEX + "03" + "00000000" + "00000003"
                                + "00" + "00",
                        "0008" + "000167" + "00016d" + " 0000" + "00000005" + "00000004" + "01" + "02" + TOPIC_HEX
                                + "03" + "00000000" + "00000003" + "01" + "00" + "09" + "03" + "00000004" + "00000004"
                                + "01" + "00",
                        "0010" + "000167" + "0003612e2a" + " 0000" + "02036162" + "0000000000000007"
                                + "00000000000003e8" + "00");
    }

    private String hex(ConsumerFact fact) {
        GroupFact wrapped = new ConsumerGroupFact(fact);
        return HexFormat.of().formatHex(codec.key(wrapped)) + " "
                + HexFormat.of().formatHex(codec.value(wrapped));
    }

    @Test
    void whatIsWrittenIsRead() {
        for (ConsumerFact fact : facts()) {
            GroupFact wrapped = new ConsumerGroupFact(fact);
            assertThat(codec.decode(codec.key(wrapped), codec.value(wrapped))).isEqualTo(wrapped);
        }
        for (Kind kind : Kind.values()) {
            boolean named = kind != Kind.GROUP && kind != Kind.TARGETS;
            GroupFact erased = new ConsumerGroupFact(new Erased("g", kind, named ? "m" : ""));
            assertThat(codec.value(erased)).isNull();
            assertThat(codec.decode(codec.key(erased), null)).isEqualTo(erased);
        }
    }

    @Test
    void everyTruncationIsRefused() {
        for (ConsumerFact fact : facts()) {
            byte[] key = codec.key(new ConsumerGroupFact(fact));
            byte[] value = codec.value(new ConsumerGroupFact(fact));
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
}
