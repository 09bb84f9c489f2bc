package io.robustmq.journal.tier;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.core.tier.TierSegment;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class NodeTierTest {
    private static final Partition ORDERS = new Partition(new TopicId(1, 1), 0);
    private static final TierSegment SEGMENT = new TierSegment(0, 1, -1, 1, 1, 0, "segment");
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(NodeTier.class);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.detachAppender(log);
    }

    @Test
    void aBugIsLoggedWithItsTrace() throws Exception {
        ObjectStore store = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, args) -> {
                    throw new AssertionError("a bug");
                });
        TierConfig config = TierConfig.from(new Configuration(TierConfig.keys(), Map.of()));
        try (NodeTier tier = new NodeTier(config, store, () -> MetaImage.EMPTY, new SimpleMeterRegistry())) {
            assertThat(NodeTierTest.<Boolean>told(done -> tier.delete(ORDERS, List.of(SEGMENT), done)))
                    .isFalse();
            assertThat(NodeTierTest.<Boolean>told(done -> tier.clear(ORDERS, 1, done)))
                    .isFalse();
            assertThat(NodeTierTest.<TierSide>told(done -> tier.side(SEGMENT, done)))
                    .isNull();
            assertThat(NodeTierTest.<List<String>>told(done -> tier.list(ORDERS, done)))
                    .isNull();
        }
        assertThat(log.list)
                .filteredOn(event -> event.getFormattedMessage().contains("later"))
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(event ->
                        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("a bug"));
    }

    private static <T> T told(Consumer<Consumer<T>> question) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        question.accept(answer::complete);
        return answer.get(20, TimeUnit.SECONDS);
    }
}
