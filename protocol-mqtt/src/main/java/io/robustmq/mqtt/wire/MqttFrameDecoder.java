package io.robustmq.mqtt.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts the stream into whole MQTT packets and passes each on as a retained slice, checked by {@link MqttWireCheck}; one
 * packet per buffer is what Netty's MqttDecoder decodes without keeping any. Owned by the connection's loop; one for each
 * connection.
 *
 * <p>What must be refused comes up the pipeline as a {@link MalformedPacketException}, after the good packets before it;
 * what follows it is dropped unread. A packet over the limit is refused by its header, before it is buffered.
 */
public final class MqttFrameDecoder extends ByteToMessageDecoder {
    private static final int HEADER_BYTES_MAX = 5;

    private final int connectBytesMax;
    private final int packetBytesMax;
    private final MqttWireCheck wireCheck = new MqttWireCheck();
    private boolean refused;

    /** Packets are counted with their fixed header, as the Maximum Packet Size of MQTT 5 is. */
    public MqttFrameDecoder(int packetBytesMax) {
        this(packetBytesMax, packetBytesMax);
    }

    /** With a limit of its own for CONNECT: until then nobody knows who makes the broker buffer. */
    public MqttFrameDecoder(int packetBytesMax, int connectBytesMax) {
        this.connectBytesMax = Math.min(connectBytesMax, packetBytesMax);
        this.packetBytesMax = packetBytesMax;
    }

    /** 3 for MQTT 3.1, 4 for 3.1.1, 5 for 5; 0 until CONNECT said so. */
    public int protocolVersion() {
        return wireCheck.version();
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            cut(in, out);
        } catch (MalformedPacketException e) {
            refused = true;
            in.skipBytes(in.readableBytes());
            throw e;
        }
    }

    private void cut(ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        int readable = in.readableBytes();
        if (readable == 0) {
            return;
        }
        wireCheck.checkFirstByte(in.getUnsignedByte(start));
        int length = 0;
        int headerBytes = 1;
        int part;
        do {
            if (headerBytes == HEADER_BYTES_MAX) {
                throw MalformedPacketException.malformed("a remaining length of more than four bytes [MQTT-1.5.5-1]");
            }
            if (headerBytes == readable) {
                return;
            }
            part = in.getUnsignedByte(start + headerBytes);
            length |= (part & 0x7F) << (7 * (headerBytes - 1));
            headerBytes++;
        } while (part >= 0x80);
        int packetBytes = headerBytes + length;
        int bytesMax = wireCheck.version() == MqttWireCheck.NO_VERSION ? connectBytesMax : packetBytesMax;
        if (packetBytes > bytesMax) {
            throw new MalformedPacketException(
                    Refusal.PACKET_TOO_LARGE, "a packet of " + packetBytes + " bytes is over the limit of " + bytesMax);
        }
        if (packetBytes <= readable) {
            wireCheck.check(in, start, headerBytes, start + packetBytes);
            out.add(in.readRetainedSlice(packetBytes));
        }
    }
}
