package io.robustmq.core.retained;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.UserProperty;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RetainedIndexTest {
    private static final long NOW = 1_000_000;

    private final RetainedIndex index = new RetainedIndex(new RetainedConfig(1_000, 1 << 20));

    @Test
    void lastMessageOfATopicIsKept() {
        index.put(message("a", 1));
        index.put(message("a", 2));
        assertThat(index.get("a", NOW))
                .hasValueSatisfying(message -> assertThat(message.payload()).hasSize(2));
        assertThat(index.count()).isEqualTo(1);
        assertThat(index.remove("a")).isTrue();
        assertThat(index.remove("a")).isFalse();
        assertThat(index.get("a", NOW)).isEmpty();
        assertThat(index.bytes()).isZero();
    }

    @Test
    void wildcardFilterFindsItsTopicsInOrder() {
        for (String topic : List.of("a", "a/b", "a/b/c", "a-x", "a0", "b/b", "/a", "", "$SYS/a")) {
            if (!topic.isEmpty()) {
                index.put(message(topic, 1));
            }
        }
        assertThat(all("a/#", 100)).containsExactly("a", "a/b", "a/b/c");
        assertThat(all("+/b", 100)).containsExactly("a/b", "b/b");
        assertThat(all("#", 100)).containsExactly("/a", "a", "a-x", "a/b", "a/b/c", "a0", "b/b");
        assertThat(all("+/+", 100)).containsExactly("/a", "a/b", "b/b");
        assertThat(all("$SYS/#", 100)).containsExactly("$SYS/a");
        assertThat(all("a/b", 100)).containsExactly("a/b");
        assertThat(all("x/#", 100)).isEmpty();
    }

    @Test
    void pagesResumeWhereTheLastOneEndedThoughMessagesComeAndGo() {
        for (int i = 0; i < 25; i++) {
            index.put(message(String.format("t/%02d", i), 10));
        }
        RetainedPage first = index.page("t/+", null, 10, 1_000, NOW);
        assertThat(first.messages()).hasSize(10);
        assertThat(first.next()).isEqualTo("t/10");
        index.remove("t/10");
        index.put(message("t/05x", 1));
        RetainedPage second = index.page("t/+", first.next(), 10, 1_000, NOW);
        assertThat(second.messages())
                .extracting(RetainedMessage::topic)
                .startsWith("t/11")
                .hasSize(10);
        RetainedPage third = index.page("t/+", second.next(), 10, 1_000, NOW);
        assertThat(third.messages()).hasSize(4);
        assertThat(third.isLast()).isTrue();
    }

    @Test
    void pageEndsAtItsBytesButGivesAtLeastOneMessage() {
        for (int i = 0; i < 5; i++) {
            index.put(message("t/" + i, 100));
        }
        assertThat(index.page("t/#", null, 10, 150, NOW).messages()).hasSize(2);
        assertThat(index.page("t/#", null, 10, 0, NOW).messages()).hasSize(1);
        assertThat(all("t/#", 1)).hasSize(5);
    }

    @Test
    void pageThatFindsNothingEndsAfterSomeEntries() {
        RetainedIndex large = new RetainedIndex(new RetainedConfig(100_000, 1 << 30));
        for (int i = 0; i < 10_000; i++) {
            large.put(message(String.format("%05d", i), 0));
        }
        large.put(message("z/z", 0));
        RetainedPage page = large.page("+/z", null, 10, 1_000, NOW);
        int pages = 1;
        while (page.messages().isEmpty() && page.next() != null) {
            page = large.page("+/z", page.next(), 10, 1_000, NOW);
            pages++;
        }
        assertThat(page.messages()).extracting(RetainedMessage::topic).containsExactly("z/z");
        assertThat(pages).isGreaterThan(1);
    }

    @Test
    void scanJumpsOverSubtreesThatCannotMatch() {
        RetainedIndex large = new RetainedIndex(new RetainedConfig(100_000, 1 << 30));
        for (int device = 0; device < 500; device++) {
            for (int topic = 0; topic < 100; topic++) {
                large.put(message("d" + device + "/t" + topic, 0));
            }
            large.put(message("d" + device + "/state", 0));
        }
        assertThat(large.page("+/state", null, 1_000, 1_000, NOW).messages()).hasSize(500);
    }

    @Test
    void expiredMessageIsNotGivenAndIsRemovedByTheWriter() {
        index.put(message("short", 1, 10));
        index.put(message("long", 1, 20));
        index.put(message("ever", 1));
        assertThat(index.get("short", NOW + 9_999)).isPresent();
        assertThat(index.get("short", NOW + 10_000)).isEmpty();
        assertThat(index.page("#", null, 10, 100, NOW + 10_000).messages()).hasSize(2);
        assertThat(index.removeExpired(NOW + 9_999, 10)).isEmpty();
        assertThat(index.removeExpired(NOW + 10_000, 10)).containsExactly("short");
        assertThat(index.removeExpired(NOW + 100_000, 10)).containsExactly("long");
        assertThat(index.count()).isEqualTo(1);
    }

    @Test
    void replacedMessageDoesNotExpireWithTheFormerOne() {
        index.put(message("t", 1, 10));
        index.put(message("t", 1));
        assertThat(index.removeExpired(NOW + 100_000, 10)).isEmpty();
        assertThat(index.get("t", NOW + 100_000)).isPresent();
    }

    @Test
    void fullIndexRefusesNewTopicsAndCountsThem() {
        RetainedIndex small = new RetainedIndex(new RetainedConfig(2, 1 << 20));
        assertThat(small.put(message("a", 1))).isTrue();
        assertThat(small.put(message("b", 1))).isTrue();
        assertThat(small.hasRoom("c", 1, PublishProperties.of(1, true))).isFalse();
        assertThat(small.put(message("c", 1))).isFalse();
        assertThat(small.put(message("a", 5))).isTrue();
        assertThat(small.refusedCount()).isEqualTo(1);
        small.remove("b");
        assertThat(small.put(message("c", 1))).isTrue();
    }

    @Test
    void whatTheNodeTellsTakesNobodysRoom() {
        RetainedIndex small = new RetainedIndex(new RetainedConfig(1, 1 << 20));
        assertThat(small.put(message("a", 1))).isTrue();
        assertThat(small.put(message("$SYS/x", 1))).isTrue();
        assertThat(small.put(message("$SYS/y", 1))).isTrue();
        assertThat(small.put(message("$SYS/x", 2))).isTrue();
        assertThat(small.get("$SYS/x", NOW)).isPresent();
        assertThat(small.count()).isOne();
        assertThat(small.remove("$SYS/x")).isTrue();
        assertThat(small.remove("a")).isTrue();
        assertThat(small.count()).isZero();
        assertThat(small.bytes()).isZero();
    }

    @Test
    void messageTooLargeForTheBytesTakesTheOutdatedOneWithIt() {
        RetainedIndex small = new RetainedIndex(new RetainedConfig(10, 1_000));
        assertThat(small.put(message("a", 100))).isTrue();
        assertThat(small.put(message("a", 2_000))).isFalse();
        assertThat(small.get("a", NOW)).isEmpty();
        assertThat(small.bytes()).isZero();
        assertThat(small.refusedCount()).isEqualTo(1);
    }

    @Test
    void recordsOfTheRetainedTopicAreAppliedInOrder() {
        PublishProperties properties = new PublishProperties(
                2, true, 60, "text/plain", null, new byte[] {1}, 1, List.of(new UserProperty("k", "v")));
        RetainedMessage message = new RetainedMessage("a/ü", new byte[] {1, 2}, properties, NOW, -1);
        apply(batch -> {
            RetainedCodec.append(batch, message);
            RetainedCodec.append(batch, message("gone", 1));
            RetainedCodec.appendTombstone(batch, "gone", NOW);
            RetainedCodec.append(batch, message("empty", 0));
            batch.append(NOW, null, Unpooled.EMPTY_BUFFER, List.of());
            batch.append(NOW, Unpooled.wrappedBuffer(new byte[] {-1}), Unpooled.EMPTY_BUFFER, List.of());
            batch.append(NOW, Unpooled.wrappedBuffer(new byte[] {'#'}), Unpooled.EMPTY_BUFFER, List.of());
        });
        assertThat(index.count()).isEqualTo(2);
        RetainedMessage kept = index.get("a/ü", NOW).orElseThrow();
        assertThat(kept).usingRecursiveComparison().ignoringFields("offset").isEqualTo(message);
        assertThat(kept.offset()).isZero();
        assertThat(index.get("empty", NOW))
                .hasValueSatisfying(empty -> assertThat(empty.offset()).isEqualTo(3));
    }

    @Test
    void limitsComeFromTheConfiguration() {
        Configuration configuration = new Configuration(
                RetainedConfig.keys(), Map.of("mqtt.retained.count.max", "7", "mqtt.retained.bytes.max", "1KiB"));
        assertThat(RetainedConfig.from(configuration)).isEqualTo(new RetainedConfig(7, 1_024));
    }

    private void apply(Consumer<BatchBuilder> records) {
        BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 256);
        records.accept(builder);
        ByteBuf batch = builder.build();
        RecordReader.forAll(batch, 1 << 20, (header, record) -> assertThat(index.apply(record))
                .isTrue());
        batch.release();
    }

    private List<String> all(String filter, int countMax) {
        List<String> topics = new ArrayList<>();
        String next = null;
        do {
            RetainedPage page = index.page(filter, next, countMax, 1_000, NOW);
            page.messages().forEach(message -> topics.add(message.topic()));
            next = page.next();
        } while (next != null);
        return topics;
    }

    static RetainedMessage message(String topic, int payloadBytes) {
        return message(topic, payloadBytes, PublishProperties.NO_EXPIRY);
    }

    private static RetainedMessage message(String topic, int payloadBytes, long expirySeconds) {
        PublishProperties properties = new PublishProperties(1, true, expirySeconds, null, null, null, 0, List.of());
        return new RetainedMessage(topic, new byte[payloadBytes], properties, NOW, 0);
    }
}
