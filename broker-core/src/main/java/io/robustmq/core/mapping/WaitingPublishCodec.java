package io.robustmq.core.mapping;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.Principal;
import io.robustmq.core.record.RecordHeader;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A waiting message as bytes: topic, who publishes it, its properties as record headers, payload; each with its length.
 * Stateless.
 */
public final class WaitingPublishCodec {
    private static final int HEADERS_MAX = 65_535;

    private WaitingPublishCodec() {}

    public static byte[] encode(WaitingPublish publish) {
        ByteBuf out = Unpooled.buffer(
                128 + publish.topic().length() + publish.payload().readableBytes());
        text(out, publish.topic());
        text(out, publish.publisher().type());
        text(out, publish.publisher().name());
        text(out, publish.publisher().host());
        List<RecordHeader> headers = MqttRecords.toHeaders(publish.properties());
        out.writeInt(headers.size());
        for (RecordHeader header : headers) {
            text(out, header.key());
            bytes(out, header.value());
        }
        bytes(out, ByteBufUtil.getBytes(publish.payload()));
        return ByteBufUtil.getBytes(out);
    }

    /** Throws BufferUnderflowException when there is too little, IllegalArgumentException when it makes no sense. */
    public static WaitingPublish decode(ByteBuffer in) {
        String topic = text(in);
        Principal publisher = new Principal(text(in), text(in), text(in));
        int count = in.getInt();
        if (count < 0 || count > HEADERS_MAX) {
            throw new IllegalArgumentException("a waiting message with " + count + " headers");
        }
        List<RecordHeader> headers = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            headers.add(new RecordHeader(text(in), bytes(in)));
        }
        byte[] payload = bytes(in);
        return new WaitingPublish(
                topic,
                Unpooled.wrappedBuffer(payload == null ? new byte[0] : payload),
                MqttRecords.fromHeaders(headers),
                // Who has not said who it is is known by this very object.
                publisher.equals(Principal.ANONYMOUS) ? Principal.ANONYMOUS : publisher);
    }

    private static void text(ByteBuf out, String text) {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(ByteBuf out, byte @Nullable [] bytes) {
        if (bytes == null) {
            out.writeInt(-1);
        } else {
            out.writeInt(bytes.length).writeBytes(bytes);
        }
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = bytes(in);
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] bytes(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0) {
            return null;
        }
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
