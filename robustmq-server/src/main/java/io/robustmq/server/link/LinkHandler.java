package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.ReferenceCountUtil;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node's connection to this one. Owned by the connection's loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be sent or closed is a connection that is lost
final class LinkHandler extends SimpleChannelInboundHandler<ByteBuf> {
    private static final Logger LOG = LoggerFactory.getLogger(LinkHandler.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TEXT_BYTES_MAX = 256;

    private final LinkServer.Served served;
    private final RequestDecoder decoder;
    private final byte[] challenge = new byte[LinkSecret.CHALLENGE_BYTES];
    private final Map<NodeLink.Call, NodeLink.Conversation> conversations = new EnumMap<>(NodeLink.Call.class);
    private boolean welcome;
    private int node;

    LinkHandler(LinkServer.Served served, RequestDecoder decoder) {
        this.served = served;
        this.decoder = decoder;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        RANDOM.nextBytes(challenge);
        context.writeAndFlush(
                LinkFrame.head(LinkFrame.CHALLENGE, 0, challenge.length).writeBytes(challenge));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws IOException {
        byte version = frame.readByte();
        if (version != LinkFrame.VERSION) {
            throw new IOException("frame of version " + version + ", this node speaks " + LinkFrame.VERSION);
        }
        byte kind = frame.readByte();
        long number = frame.readLong();
        if (kind == LinkFrame.HELLO && !welcome) {
            greet(frame);
            return;
        }
        if (kind == LinkFrame.RELAY && welcome) {
            served.relays().take(context, decoder, frame, !served.secret().isEmpty());
            return;
        }
        NodeLink.Call call = LinkFrame.call(kind).orElse(null);
        if (!welcome || call == null || !served.services().containsKey(call)) {
            throw new IOException("call " + kind + (welcome ? " is not known" : " before hello"));
        }
        conversation(context, call).onCall(frame, parts -> send(context, number, parts));
    }

    private void greet(ByteBuf frame) throws IOException {
        String clusterId = text(frame);
        int nodeId = frame.readInt();
        byte[] proof = ByteBufUtil.getBytes(frame);
        // Who has no metadata yet does not know its cluster's name, and is told.
        if (!clusterId.isEmpty() && !clusterId.equals(served.clusterId().get())) {
            throw new IOException("node " + nodeId + " is of cluster " + clusterId);
        }
        if (!served.secret().accepts(proof, challenge, clusterId, nodeId)) {
            throw new IOException("node " + nodeId + " does not know this cluster's journal.secret");
        }
        node = nodeId;
        welcome = true;
        decoder.welcome();
    }

    private static String text(ByteBuf frame) throws IOException {
        int length = frame.readUnsignedShort();
        if (length > TEXT_BYTES_MAX) {
            throw new IOException("a cluster id of " + length + " bytes");
        }
        return frame.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }

    private NodeLink.Conversation conversation(ChannelHandlerContext context, NodeLink.Call call) {
        NodeLink.Conversation present = conversations.get(call);
        if (present == null) {
            Loop loop = served.loops().of(context.channel().eventLoop());
            NodeLink.Service service = served.services().get(call);
            if (service == null) {
                throw new IllegalStateException("nobody serves " + call);
            }
            present = service.begin(loop, node);
            conversations.put(call, present);
        }
        return present;
    }

    private static void send(ChannelHandlerContext context, long number, Object... parts) {
        long bytes = 0;
        for (Object part : parts) {
            bytes += part instanceof FileRegion region ? region.count() : ((ByteBuf) part).readableBytes();
        }
        if (!context.channel().isActive()) {
            for (Object part : parts) {
                ReferenceCountUtil.release(part);
            }
            return;
        }
        context.write(LinkFrame.head(LinkFrame.ANSWER, number, bytes), context.voidPromise());
        for (Object part : parts) {
            context.write(part, context.voidPromise());
        }
        context.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        conversations.values().forEach(NodeLink.Conversation::ended);
        conversations.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.warn("peer={} action=close reason=\"{}\"", context.channel().remoteAddress(), String.valueOf(cause));
        context.close();
    }
}
