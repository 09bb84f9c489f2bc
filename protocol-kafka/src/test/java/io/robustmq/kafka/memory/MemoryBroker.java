package io.robustmq.kafka.memory;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.login.Logins;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.security.Authorizer;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.handler.KafkaApis;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.security.SecurityApis;
import io.robustmq.kafka.server.ApiTable;
import io.robustmq.kafka.server.KafkaServer;
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
        context = new KafkaContext(
                NODE_ID,
                config,
                journal,
                metaLog,
                authorizer,
                metrics,
                KafkaConfig.keys(),
                configuration,
                loops.loops().get(0));
        ApiTable.Builder table = KafkaApis.addTo(new ApiTable.Builder(NODE_ID, metaLog), context);
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

    /** Stops the listener only. */
    public void stopListener() {
        server.close();
    }

    @Override
    public void close() {
        server.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
