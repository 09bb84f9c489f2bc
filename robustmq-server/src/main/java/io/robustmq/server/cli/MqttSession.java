package io.robustmq.server.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One MQTT 5 connection with a clean session, as small as publishing and subscribing from a shell needs. Owned by its event
 * loop; the command's thread calls {@link #publish}, {@link #subscribe} and {@link #close} and waits for the futures.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class MqttSession extends SimpleChannelInboundHandler<MqttMessage> implements AutoCloseable {
    private static final int KEEP_ALIVE_S = 60;
    private static final int CONNECT_MS_MAX = 5_000;
    private static final int MESSAGE_BYTES_MAX = 64 << 20;
    private static final int REFUSED = 0x80;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Consumer<MqttPublishMessage> onMessage;
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Map<Integer, CompletableFuture<Void>> unanswered = new HashMap<>();
    private final Set<Integer> receivedExactlyOnce = new HashSet<>();
    private final Channel channel;
    private int lastPacketId;

    /** Connects. {@code onMessage} borrows each message, in the loop. */
    MqttSession(
            String host,
            int port,
            String clientId,
            Optional<LoginOption.Login> login,
            Consumer<MqttPublishMessage> onMessage) {
        this.onMessage = onMessage;
        try {
            this.channel = new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel created) {
                            created.pipeline()
                                    .addLast(new IdleStateHandler(0, KEEP_ALIVE_S / 2, 0))
                                    .addLast(new MqttDecoder(MESSAGE_BYTES_MAX))
                                    .addLast(MqttEncoder.INSTANCE)
                                    .addLast(MqttSession.this);
                        }
                    })
                    .connect(host, port)
                    .syncUninterruptibly()
                    .channel();
        } catch (RuntimeException | Error e) {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
        MqttMessageBuilders.ConnectBuilder connect = MqttMessageBuilders.connect();
        login.ifPresent(as -> connect.username(as.user())
                .password(as.password().getBytes(StandardCharsets.UTF_8))
                .hasUser(true)
                .hasPassword(true));
        channel.writeAndFlush(connect.protocolVersion(MqttVersion.MQTT_5)
                .clientId(clientId)
                .cleanSession(true)
                .keepAlive(KEEP_ALIVE_S)
                .build());
        try {
            connected.orTimeout(CONNECT_MS_MAX, TimeUnit.MILLISECONDS).join();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Completes when the broker has taken the message over: at once for QoS 0. */
    CompletableFuture<Void> publish(String topic, String text, MqttQoS qos, boolean retain) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        channel.eventLoop().execute(() -> {
            int id = qos == MqttQoS.AT_MOST_ONCE ? 0 : expect(answer);
            MqttMessage message = MqttMessageBuilders.publish()
                    .topicName(topic)
                    .qos(qos)
                    .retained(retain)
                    .messageId(id)
                    .payload(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
                    .build();
            channel.writeAndFlush(message).addListener(written -> {
                if (!written.isSuccess()) {
                    answer.completeExceptionally(written.cause());
                } else if (id == 0) {
                    answer.complete(null);
                }
            });
        });
        return answer;
    }

    CompletableFuture<Void> subscribe(List<String> filters, MqttQoS qos) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        channel.eventLoop().execute(() -> {
            MqttMessageBuilders.SubscribeBuilder request =
                    MqttMessageBuilders.subscribe().messageId(expect(answer));
            filters.forEach(filter -> request.addSubscription(filter, MqttSubscriptionOption.onlyFromQos(qos)));
            channel.writeAndFlush(request.build());
        });
        return answer;
    }

    /** Completes with the broker's reason when the connection ends without {@link #close}. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void close() {
        channel.writeAndFlush(new MqttMessage(header(MqttMessageType.DISCONNECT, MqttQoS.AT_MOST_ONCE)))
                .awaitUninterruptibly(1, TimeUnit.SECONDS);
        channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
        if (message.decoderResult().isFailure()) {
            fail(message.decoderResult().cause());
            return;
        }
        switch (message.fixedHeader().messageType()) {
            case CONNACK -> onConnAck((MqttConnAckMessage) message);
            case PUBLISH -> onPublish((MqttPublishMessage) message);
            case PUBACK, PUBCOMP -> answered(id(message), reason(message));
            case PUBREC -> onPubRec(message);
            case PUBREL -> {
                receivedExactlyOnce.remove(id(message));
                reply(MqttMessageType.PUBCOMP, MqttQoS.AT_MOST_ONCE, id(message));
            }
            case SUBACK -> {
                int worst = ((MqttSubAckMessage) message)
                        .payload().reasonCodes().stream()
                                .mapToInt(Integer::intValue)
                                .max()
                                .orElse(0);
                answered(id(message), worst);
            }
            case DISCONNECT ->
                fail(new CommandException(
                        String.format("the broker ended the connection, reason 0x%02X", reason(message))));
            case PINGRESP -> {}
            default ->
                fail(new CommandException(
                        "the broker sent " + message.fixedHeader().messageType()));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.writeAndFlush(new MqttMessage(header(MqttMessageType.PINGREQ, MqttQoS.AT_MOST_ONCE)));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new CommandException("the broker closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause);
    }

    private int expect(CompletableFuture<Void> answer) {
        do {
            lastPacketId = lastPacketId % 0xFFFF + 1;
        } while (unanswered.containsKey(lastPacketId));
        unanswered.put(lastPacketId, answer);
        return lastPacketId;
    }

    private void onConnAck(MqttConnAckMessage message) {
        MqttConnectReturnCode code = message.variableHeader().connectReturnCode();
        if (code == MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            connected.complete(null);
        } else {
            fail(new CommandException("the broker refused the connection: " + code));
        }
    }

    private void onPublish(MqttPublishMessage message) {
        int id = message.variableHeader().packetId();
        switch (message.fixedHeader().qosLevel()) {
            case AT_LEAST_ONCE -> {
                onMessage.accept(message);
                reply(MqttMessageType.PUBACK, MqttQoS.AT_MOST_ONCE, id);
            }
            case EXACTLY_ONCE -> {
                if (receivedExactlyOnce.add(id)) {
                    onMessage.accept(message);
                }
                reply(MqttMessageType.PUBREC, MqttQoS.AT_MOST_ONCE, id);
            }
            default -> onMessage.accept(message);
        }
    }

    private void onPubRec(MqttMessage message) {
        if (reason(message) >= REFUSED) {
            answered(id(message), reason(message));
        } else {
            reply(MqttMessageType.PUBREL, MqttQoS.AT_LEAST_ONCE, id(message));
        }
    }

    private void answered(int packetId, int reason) {
        CompletableFuture<Void> answer = unanswered.remove(packetId);
        if (answer == null) {
            return;
        }
        if (reason < REFUSED) {
            answer.complete(null);
        } else {
            answer.completeExceptionally(
                    new CommandException(String.format("the broker refused it, reason 0x%02X", reason)));
        }
    }

    private void fail(Throwable cause) {
        connected.completeExceptionally(cause);
        ended.completeExceptionally(cause);
        unanswered.values().forEach(answer -> answer.completeExceptionally(cause));
        unanswered.clear();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private void reply(MqttMessageType type, MqttQoS flags, int packetId) {
        channel.writeAndFlush(new MqttMessage(header(type, flags), MqttMessageIdVariableHeader.from(packetId)));
    }

    private static MqttFixedHeader header(MqttMessageType type, MqttQoS flags) {
        return new MqttFixedHeader(type, false, flags, false, 0);
    }

    private static int id(MqttMessage message) {
        return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
    }

    private static int reason(MqttMessage message) {
        Object header = message.variableHeader();
        if (header instanceof MqttPubReplyMessageVariableHeader reply) {
            return reply.reasonCode() & 0xFF;
        }
        return header instanceof MqttReasonCodeAndPropertiesVariableHeader reply ? reply.reasonCode() & 0xFF : 0;
    }
}
