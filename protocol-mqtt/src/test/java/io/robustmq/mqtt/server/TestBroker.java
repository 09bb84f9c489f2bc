package io.robustmq.mqtt.server;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.admin.MqttAdmin;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An MQTT server on free ports of loopback, with its log in memory. A restart keeps the log. */
final class TestBroker {
    private final Map<String, String> settings = new HashMap<>();
    final SharedMetaLog metaLog;
    final SharedJournal journal;
    private MultiThreadIoEventLoopGroup group;
    private final MqttServer.Access access;
    private MqttServer server;
    private MqttServer.Bound bound;
    private SimpleMeterRegistry registry = new SimpleMeterRegistry();

    TestBroker(Map<String, String> settings) throws InterruptedException {
        this(settings, MqttServer.Access.OPEN);
    }

    TestBroker(Map<String, String> settings, MqttServer.Access access) throws InterruptedException {
        this.access = access;
        this.settings.put("mqtt.port", "0");
        this.settings.put("mqtt.ws.port", "0");
        this.settings.putAll(settings);
        InMemoryJournal inMemory = new InMemoryJournal(1);
        journal = new SharedJournal(inMemory);
        metaLog = new SharedMetaLog(new InMemoryMetaLog(1));
        metaLog.subscribe(journal);
        start();
    }

    private void start() throws InterruptedException {
        group = new MultiThreadIoEventLoopGroup(3, NioIoHandler.newFactory());
        registry = new SimpleMeterRegistry();
        MqttConfig config = MqttConfig.from(new Configuration(MqttConfig.keys(), settings));
        server = new MqttServer(
                config,
                new RetainedConfig(100_000, 64 << 20),
                new MqttMetrics(registry),
                new MqttServer.Platform(group, new NettyLoops(group), NioServerSocketChannel.class),
                new MqttServer.Core(1, journal, metaLog),
                access);
        bound = server.start("127.0.0.1");
    }

    int port() {
        return bound.port();
    }

    double count(String counter) {
        return registry.get(counter).counter().count();
    }

    MqttServer server() {
        return server;
    }

    MqttAdmin admin() {
        return server.admin();
    }

    int webSocketPort() {
        return bound.webSocketPort();
    }

    Mqtt5ClientBuilder five(String clientId) {
        return MqttClient.builder()
                .useMqttVersion5()
                .serverHost("127.0.0.1")
                .serverPort(port())
                .identifier(clientId);
    }

    Mqtt5BlockingClient connected(String clientId) {
        Mqtt5BlockingClient client = five(clientId).buildBlocking();
        client.connect();
        return client;
    }

    Mqtt3BlockingClient three(String clientId) {
        return MqttClient.builder()
                .useMqttVersion3()
                .serverHost("127.0.0.1")
                .serverPort(port())
                .identifier(clientId)
                .buildBlocking();
    }

    /** As after kill -9: nobody is told, nothing is stored on the way. */
    void crashAndRestart() throws InterruptedException {
        server.abandon();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        journal.keepAll();
        start();
    }

    void stop() throws Exception {
        server.stop().get(5, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
}
