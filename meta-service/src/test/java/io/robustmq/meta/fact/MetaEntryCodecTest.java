package io.robustmq.meta.fact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.AclRemoved;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import io.robustmq.meta.fact.MetaFact.TopicDeleted;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetaEntryCodecTest {
    private static final TopicId ID = new TopicId(0x0102030405060708L, -2);

    private static final MetaEntry EVERY_FACT = new MetaEntry(
            7,
            List.of(
                    new ClusterFormed("c"),
                    new NodeRegistered(1, 2, "r", Map.of("kafka", ":1", "admin", ":2")),
                    new NodeFenced(1, 2),
                    new TopicCreated(ID, "t"),
                    new PartitionPlaced(ID, new PartitionImage(0, -1, 3, 4, List.of(1, 2), List.of(2))),
                    new PartitionPlaced(
                            ID,
                            new PartitionImage(
                                    0, -1, 3, 4, List.of(1, 2), List.of(), List.of(2), List.of(), List.of(1), 2)),
                    new ConfigChanged(ConfigScope.topic("t"), "k", "v"),
                    new ConfigChanged(new ConfigScope(ConfigScope.Kind.GROUP, "g"), "k", null),
                    new ConfigChanged(ConfigScope.ALL_NODES, "ü", ""),
                    new ProducerIdsAllocated(1000, 1000),
                    new TopicDeleted(ID, "t"),
                    new CredentialChanged(
                            "u",
                            ScramMechanism.SHA_256,
                            new ScramCredential(new byte[] {1}, new byte[] {2, 3}, new byte[] {4}, 4096)),
                    new CredentialChanged("u", ScramMechanism.SHA_512, null),
                    new AclAdded(AclBinding.allowAll(ResourceType.CLUSTER, "u")),
                    new AclRemoved(new AclBinding(
                            ResourceType.TOPIC,
                            AclBinding.Pattern.PREFIXED,
                            "t",
                            "User:u",
                            "h",
                            Operation.IDEMPOTENT_WRITE,
                            false))));

    private static final String GOLDEN = "01 0e 1e"
            + " 01 00 04 02 63"
            + " 02 00 2e 02 04 02 72 04 0a 61 64 6d 69 6e 04 3a 32 0a 6b 61 66 6b 61 04 3a 31"
            + " 08 00 04 02 04"
            + " 03 00 24 01 02 03 04 05 06 07 08 ff ff ff ff ff ff ff fe 02 74"
            + " 04 00 32 01 02 03 04 05 06 07 08 ff ff ff ff ff ff ff fe 00 01 06 08 04 02 04 02 04"
            + " 04 02 3c 01 02 03 04 05 06 07 08 ff ff ff ff ff ff ff fe 00 01 06 08 04 02 04 00 02 04 00 02 02 04"
            + " 06 00 0e 00 02 74 02 6b 02 76"
            + " 06 00 0c 02 02 67 02 6b 01"
            + " 06 00 0c 01 00 04 c3 bc 00"
            + " 07 00 08 d0 0f d0 0f"
            + " 05 00 24 01 02 03 04 05 06 07 08 ff ff ff ff ff ff ff fe 02 74"
            + " 28 00 1a 02 75 01 01 80 40 02 01 04 02 03 02 04"
            + " 28 00 08 02 75 02 00"
            + " 29 00 36 03 00 1a 6b 61 66 6b 61 2d 63 6c 75 73 74 65 72 0c 55 73 65 72 3a 75 02 2a 01 01"
            + " 2a 00 1e 01 01 02 74 0c 55 73 65 72 3a 75 02 68 0b 00";

    @Test
    void theBytesOfEveryFactStayWhatTheyWere() {
        String hex = HexFormat.ofDelimiter(" ").formatHex(MetaEntryCodec.encode(EVERY_FACT));
        assertThat(hex).isEqualTo(GOLDEN);
    }

    @Test
    void whatWasWrittenIsRead() {
        assertThat(MetaEntryCodec.decode(MetaEntryCodec.encode(EVERY_FACT))).isEqualTo(EVERY_FACT);
        for (MetaFact fact : EVERY_FACT.facts()) {
            assertThat(MetaFactCodec.decode(MetaFactCodec.encode(fact))).isEqualTo(fact);
        }
    }

    @Test
    void everyKindOfFactIsTested() {
        assertThat(EVERY_FACT.facts().stream().map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(MetaFact.class.getPermittedSubclasses());
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] whole = MetaEntryCodec.encode(EVERY_FACT);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatIllegalArgumentException()
                    .as("%d of %d bytes", length, whole.length)
                    .isThrownBy(() -> MetaEntryCodec.decode(cut));
        }
    }

    @Test
    void bytesBehindTheEndAreRefused() {
        byte[] whole = MetaEntryCodec.encode(EVERY_FACT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetaEntryCodec.decode(Arrays.copyOf(whole, whole.length + 1)));
    }

    @Test
    void noChangedByteEndsInAnythingButAnEntryOrARefusal() {
        byte[] whole = MetaEntryCodec.encode(EVERY_FACT);
        for (int at = 0; at < whole.length; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = whole.clone();
                changed[at] = (byte) value;
                try {
                    MetaEntryCodec.decode(changed);
                } catch (IllegalArgumentException refused) {
                    assertThat(refused).hasMessageMatching("(?s).+");
                }
            }
        }
    }

    @Test
    void aNewerFormatVersionOrKindIsRefused() {
        byte[] newerFormat = MetaEntryCodec.encode(EVERY_FACT);
        newerFormat[0] = 2;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetaEntryCodec.decode(newerFormat))
                .withMessageContaining("format 2");
        byte[] newerVersion = MetaFactCodec.encode(new ClusterFormed("c"));
        newerVersion[1] = 1;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetaFactCodec.decode(newerVersion))
                .withMessageContaining("newer version 1");
        byte[] newKind = MetaFactCodec.encode(new ClusterFormed("c"));
        newKind[0] = 99;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetaFactCodec.decode(newKind))
                .withMessageContaining("unknown kind 99");
    }
}
