package io.robustmq.mqtt.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The way of a client's bytes as the server has it: frame decoder, Netty's decoder, packet rules. */
final class Connection implements AutoCloseable {
    static final int PACKET_BYTES_MAX = 70_000;
    /** Netty's decoder refused: the server answers with malformed packet. */
    static final int REFUSED_BY_NETTY = 0x181;

    final MqttFrameDecoder frames = new MqttFrameDecoder(PACKET_BYTES_MAX);
    private final EmbeddedChannel channel =
            new EmbeddedChannel(frames, new MqttDecoder(PACKET_BYTES_MAX, PACKET_BYTES_MAX));

    /** A connection that has sent its CONNECT. */
    static Connection open(int version) {
        Connection connection = new Connection();
        if (connection.refusal(Packets.connect(version)) != 0) {
            throw new AssertionError("CONNECT is refused");
        }
        return connection;
    }

    /** The reason code with which the first of these packets is refused; 0 if none is. */
    int refusal(byte[] bytes) {
        try {
            for (MqttMessage message : send(bytes)) {
                Optional<Integer> refusal = judge(message);
                ReferenceCountUtil.release(message);
                if (refusal.isPresent()) {
                    return refusal.get();
                }
            }
            return 0;
        } catch (MalformedPacketException e) {
            return e.reasonCode() & 0xFF;
        }
    }

    /** What Netty's decoder makes of the bytes; throws what the pipeline reports. */
    List<MqttMessage> send(byte[] bytes) {
        List<MqttMessage> messages = new ArrayList<>();
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        } finally {
            for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
                messages.add((MqttMessage) message);
            }
        }
        return messages;
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }

    private Optional<Integer> judge(MqttMessage message) {
        if (message.decoderResult().isFailure()) {
            return Optional.of(REFUSED_BY_NETTY);
        }
        Refusal refusal = PacketRules.check(message, frames.protocolVersion());
        return refusal == null ? Optional.empty() : Optional.of(refusal.reasonCode() & 0xFF);
    }
}
