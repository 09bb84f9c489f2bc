package io.robustmq.kafka.memory;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.login.Logins;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.handler.KafkaApis;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.handler.Loggers;
import io.robustmq.kafka.security.SecurityApis;
import io.robustmq.kafka.server.ApiTable;
import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.kafka.telemetry.TelemetryApis;
import io.robustmq.kafka.txn.TxnApis;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A Kafka listener over ports in memory, on any free port of the loopback. */
public final class MemoryBroker implements AutoCloseable {
    public static final int NODE_ID = 7;

    public final MemoryMetaLog metaLog = new MemoryMetaLog(NODE_ID);
    public final MemoryJournal journal = new MemoryJournal(NODE_ID, metaLog);
    public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    public final KafkaMetrics metrics = new KafkaMetrics(registry);
    public final KafkaContext context;
    public final ApiTable apis;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final GroupService groups;
    private final TxnService transactions;
    private final KafkaServer server;
    private final InetSocketAddress address;

    public MemoryBroker() throws IOException {
        this(Map.of(), Authorizer.ANONYMOUS);
    }

    public MemoryBroker(Map<String, String> settings, Authorizer authorizer) throws IOException {
        this(settings, metaLog -> authorizer, metaLog -> Logins.none());
    }

    public MemoryBroker(
            Map<String, String> settings,
            Function<MemoryMetaLog, Authorizer> authorizers,
            Function<MemoryMetaLog, Logins> logins)
            throws IOException {
        Authorizer authorizer = authorizers.apply(metaLog);
        Logins login = logins.apply(metaLog);
        Map<String, String> values = new HashMap<>(settings);
        values.put("kafka.port", "0");
        Configuration configuration = new Configuration(KafkaConfig.keys(), values);
        KafkaConfig config = KafkaConfig.from(configuration);
        NettyLoops loops = new NettyLoops(group);
        groups = new GroupService(
                GroupConfig.from(new Configuration(GroupConfig.keys(), Map.of())),
                NODE_ID,
                journal,
                metaLog,
                loops,
                UnpooledByteBufAllocator.DEFAULT);
        transactions = new TxnService(
                TxnConfig.from(new Configuration(TxnConfig.keys(), Map.of())),
                NODE_ID,
                journal,
                groups,
                metaLog,
                loops,
                UnpooledByteBufAllocator.DEFAULT);
        groups.start();
        transactions.start();
        context = new KafkaContext(
                NODE_ID,
                config,
                journal,
                metaLog,
                authorizer,
                metrics,
                KafkaConfig.keys(),
                configuration,
                loops.loops().get(0),
                transactions,
                Loggers.NONE,
                new MemoryQuorum());
        ApiTable.Builder table = KafkaApis.addTo(new ApiTable.Builder(NODE_ID, metaLog), context);
        TxnApis.addTo(table, context, groups);
        TelemetryApis.addTo(table, config, metaLog, registry);
        apis = SecurityApis.addTo(table, login, metaLog, authorizer).build();
        server = new KafkaServer(config, apis, group, loops, NioServerSocketChannel.class, metrics, login);
        address = server.bind("127.0.0.1");
    }

    public InetSocketAddress address() {
        return address;
    }

    public String bootstrap() {
        return "127.0.0.1:" + address.getPort();
    }

    public KafkaServer server() {
        return server;
    }

    /** Stops the listener only. */
    public void stopListener() {
        server.close();
    }

    @Override
    public void close() {
        server.close();
        transactions.close();
        groups.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
