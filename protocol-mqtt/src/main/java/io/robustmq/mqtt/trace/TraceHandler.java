package io.robustmq.mqtt.trace;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.util.HashMap;
import java.util.Map;

/** Stands next to the connection's own handler while its client is traced: sees packets come, and bytes go. Owned by its loop. */
@SuppressWarnings("FutureReturnValueIgnored") // the promise is another's
public final class TraceHandler extends ChannelDuplexHandler {
    private static final int TOPIC_ALIAS = 0x23;
    private static final int ALIASES_MAX = 65_535;

    private final Traces traces;
    private final String clientId;
    private final Aliases aliases;
    private final FrameScan sent;
    /** What the client has named since; the connection may be behind with it. */
    private final Map<Integer, String> named = new HashMap<>();

    public TraceHandler(Traces traces, String clientId, Aliases aliases) {
        this.traces = traces;
        this.clientId = clientId;
        this.aliases = aliases;
        this.sent = new FrameScan(aliases.isV5());
    }

    /** The connection's topics by their aliases, each way; empty for what is none. */
    public interface Aliases {
        boolean isV5();

        String received(int alias);

        String sent(int alias);
    }

    /** Puts one before the connection's own handler when the client is traced, and takes it out when it no longer is. */
    public static void update(
            ChannelPipeline pipeline, ChannelHandler own, Traces traces, String clientId, Aliases aliases) {
        TraceHandler there = pipeline.get(TraceHandler.class);
        boolean isWanted = traces.concern(clientId);
        ChannelHandlerContext place = pipeline.context(own);
        if (isWanted && there == null && place != null) {
            pipeline.addBefore(place.name(), null, new TraceHandler(traces, clientId, aliases));
        } else if (!isWanted && there != null) {
            pipeline.remove(there);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof MqttMessage packet && packet.fixedHeader() != null) {
            String topic = packet instanceof MqttPublishMessage publish ? topicOf(publish.variableHeader()) : "";
            traces.passed(clientId, topic, "received " + describe(packet, topic));
        }
        context.fireChannelRead(message);
    }

    private String topicOf(MqttPublishVariableHeader header) {
        String topic = header.topicName();
        MqttProperties.MqttProperty<?> property = header.properties().getProperty(TOPIC_ALIAS);
        if (!(property instanceof MqttProperties.IntegerProperty alias)) {
            return topic;
        }
        if (topic.isEmpty()) {
            String here = named.get(alias.value());
            return here == null ? aliases.received(alias.value()) : here;
        }
        if (named.size() < ALIASES_MAX) {
            named.put(alias.value(), topic);
        }
        return topic;
    }

    private static String describe(MqttMessage packet, String topic) {
        String type = packet.fixedHeader().messageType().name();
        if (packet instanceof MqttPublishMessage publish) {
            return type + " topic=" + topic + " qos="
                    + packet.fixedHeader().qosLevel().value() + " retain="
                    + packet.fixedHeader().isRetain() + " bytes="
                    + publish.payload().readableBytes();
        }
        if (packet instanceof MqttSubscribeMessage subscribe) {
            return type + " filters="
                    + subscribe.payload().topicSubscriptions().stream()
                            .map(one ->
                                    one.topicFilter() + ":" + one.option().qos().value())
                            .toList();
        }
        if (packet instanceof MqttUnsubscribeMessage unsubscribe) {
            return type + " filters=" + unsubscribe.payload().topics();
        }
        return type;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            sent.scan(bytes, (header, length, inFull, alias) -> {
                String topic = inFull.isEmpty() && alias != 0 ? aliases.sent(alias) : inFull;
                String type = MqttMessageType.valueOf(header >>> 4).name();
                String more = topic.isEmpty() ? "" : " topic=" + topic + " qos=" + ((header >>> 1) & 3);
                traces.passed(clientId, topic, "sent " + type + more + " length=" + length);
            });
        }
        context.write(message, promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        traces.passed(clientId, "", "closed");
        context.fireChannelInactive();
    }
}
