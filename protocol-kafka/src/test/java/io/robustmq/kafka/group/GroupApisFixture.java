package io.robustmq.kafka.group;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.model.Principal;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.handler.Brokers;
import io.robustmq.kafka.handler.KafkaApis;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.handler.Loggers;
import io.robustmq.kafka.memory.MemoryQuorum;
import io.robustmq.kafka.server.ApiTable;
import io.robustmq.kafka.server.KafkaRequest;
import io.robustmq.kafka.share.ShareApis;
import io.robustmq.kafka.txn.TxnApis;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/** The group APIs of a single node; requests and responses go through the codec, as they do on the wire. */
final class GroupApisFixture {
    final SimLoop loop = new SimLoop();
    final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    final InMemoryJournal journal = new InMemoryJournal(1);
    final Map<ApiKeys, ApiTable.Api> table = new EnumMap<>(ApiKeys.class);

    GroupApisFixture() {
        this(Authorizer.ANONYMOUS);
    }

    GroupApisFixture(Authorizer authorizer) {
        Map<String, String> atOnce =
                Map.of("group.consumer.assignment.interval.ms", "0", "group.share.assignment.interval.ms", "0");
        GroupConfig config = GroupConfig.from(new Configuration(GroupConfig.keys(), atOnce));
        GroupService groups = new GroupService(config, 1, journal, meta, loop, UnpooledByteBufAllocator.DEFAULT);
        meta.subscribe(journal);
        groups.start();
        TxnConfig txnConfig = TxnConfig.from(new Configuration(TxnConfig.keys(), Map.of()));
        TxnService transactions =
                new TxnService(txnConfig, 1, journal, groups, meta, loop, UnpooledByteBufAllocator.DEFAULT);
        transactions.start();
        ShareService shares = new ShareService(
                ShareConfig.from(new Configuration(ShareConfig.keys(), Map.of())),
                1,
                journal,
                meta,
                loop,
                UnpooledByteBufAllocator.DEFAULT);
        shares.start();
        KafkaConfig kafkaConfig = KafkaConfig.from(new Configuration(KafkaConfig.keys(), Map.of()));
        ApiTable.Builder builder = new ApiTable.Builder(1, meta);
        KafkaContext context = new KafkaContext(
                1,
                kafkaConfig,
                journal,
                meta,
                authorizer,
                new KafkaMetrics(new SimpleMeterRegistry()),
                KafkaConfig.keys(),
                new Configuration(KafkaConfig.keys(), Map.of()),
                loop,
                transactions,
                Loggers.NONE,
                new MemoryQuorum());
        ShareApis.addTo(builder, context, shares, groups);
        GroupApis.addTo(builder, groups, transactions, shares, meta, authorizer, new Brokers(1, kafkaConfig));
        KafkaApis.addTo(builder, context);
        TxnApis.addTo(builder, context, groups).build().apis().forEach(api -> table.put(api.key(), api));
        createTopic("orders");
        loop.run();
    }

    void createTopic(String name) {
        if (!meta.submit(new MetaCommand.CreateTopic(name, 2, 1, List.of(), Map.of(), -1, false))
                .isDone()) {
            throw new AssertionError("topic " + name + " is not created");
        }
    }

    Uuid topicId(String name) {
        return new Uuid(
                meta.image().topicsByName().get(name).id().high(),
                meta.image().topicsByName().get(name).id().low());
    }

    /** Sends a request; the answer may come later. */
    Call send(ApiKeys key, int version, ApiMessage request) {
        ApiTable.Api api = table.get(key);
        short clamped = (short) Math.max(api.min(), Math.min(api.max(), version));
        Call call = new Call(clamped, ApiMessageType.fromApiKey(key.id), copy(request, key, clamped, true), loop);
        loop.execute(() -> api.handler().handle(call));
        loop.run();
        return call;
    }

    /** Sends a request that is answered at once. */
    <T extends ApiMessage> T call(ApiKeys key, int version, ApiMessage request, Class<T> type) {
        return send(key, version, request).answer(type);
    }

    private static ApiMessage copy(ApiMessage message, ApiKeys key, short version, boolean request) {
        ByteBufferAccessor bytes = MessageUtil.toByteBufferAccessor(message, version);
        ApiMessageType type = ApiMessageType.fromApiKey(key.id);
        ApiMessage copy = request ? type.newRequest() : type.newResponse();
        copy.read(bytes, version);
        return copy;
    }

    /** A request on a connection that is a loop and no more. */
    static final class Call implements KafkaRequest {
        private final short version;
        private final ApiMessageType type;
        private final ApiMessage body;
        private final Loop loop;
        private ApiMessage answer;

        Call(short version, ApiMessageType type, ApiMessage body, Loop loop) {
            this.version = version;
            this.type = type;
            this.body = body;
            this.loop = loop;
        }

        boolean waits() {
            return answer == null;
        }

        <T extends ApiMessage> T answer(Class<T> expected) {
            if (answer == null) {
                throw new AssertionError("no answer yet");
            }
            return expected.cast(answer);
        }

        @Override
        public <T extends ApiMessage> T body(Class<T> expected) {
            return expected.cast(body);
        }

        @Override
        public short version() {
            return version;
        }

        @Override
        public String clientId() {
            return "tester";
        }

        @Override
        public Principal principal() {
            return Principal.ANONYMOUS;
        }

        @Override
        public InetSocketAddress remoteAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
        }

        @Override
        public InetSocketAddress localAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9092);
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public ByteBuf frame() {
            return Unpooled.EMPTY_BUFFER;
        }

        @Override
        public void respond(ApiMessage response) {
            loop.assertInLoop();
            if (answer != null) {
                throw new AssertionError("answered twice");
            }
            answer = copy(response, ApiKeys.forId(type.apiKey()), version, false);
        }

        @Override
        public void finishWithoutResponse() {
            throw new AssertionError("group requests are answered");
        }

        @Override
        public void close(String reason) {
            throw new AssertionError(reason);
        }
    }
}
