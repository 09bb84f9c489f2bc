package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.ReferenceCountUtil;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import io.robustmq.kafka.server.RegionChunks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node's connection to this one. Owned by the connection's loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be sent or closed is a connection that is lost
final class LinkHandler extends SimpleChannelInboundHandler<ByteBuf> {
    private static final Logger LOG = LoggerFactory.getLogger(LinkHandler.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TEXT_BYTES_MAX = 256;
    /** There is room for so many connections: who keeps silent keeps no node out. */
    static final long HELLO_MS_MAX = 10_000;

    private final LinkServer.Served served;
    private final RequestDecoder decoder;
    private final LinkChallenge challenge;
    private final Map<NodeLink.Call, NodeLink.Conversation> conversations = new EnumMap<>(NodeLink.Call.class);
    private boolean welcome;
    private int node;
    private int version;

    LinkHandler(LinkServer.Served served, RequestDecoder decoder) {
        this.served = served;
        this.decoder = decoder;
        byte[] random = new byte[LinkSecret.CHALLENGE_BYTES];
        RANDOM.nextBytes(random);
        this.challenge = LinkChallenge.of(random, served.terms().versions());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(challenge.frame());
        context.executor().schedule(() -> closeUnlessWelcome(context), HELLO_MS_MAX, TimeUnit.MILLISECONDS);
    }

    private void closeUnlessWelcome(ChannelHandlerContext context) {
        if (!welcome) {
            context.close();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws IOException {
        if (!context.channel().isActive()) {
            // Came along with what the connection was closed for.
            return;
        }
        byte spoken = frame.readByte();
        byte kind = frame.readByte();
        long number = frame.readLong();
        if (kind == LinkFrame.HELLO && !welcome) {
            greet(frame, spoken);
            return;
        }
        if (welcome && spoken != version) {
            throw new IOException("a frame of version " + spoken + " after a hello of version " + version);
        }
        if (kind == LinkFrame.RELAY && welcome) {
            served.relays().take(context, decoder, frame, served.terms().isSure());
            return;
        }
        NodeLink.Call call = LinkFrame.call(kind).orElse(null);
        if (!welcome || call == null || !served.services().containsKey(call)) {
            throw new IOException("call " + kind + (welcome ? " is not known" : " before hello"));
        }
        if (LinkFrame.since(call) > version) {
            throw new IOException(call + " in version " + version + ", which does not have it");
        }
        conversation(context, call).onCall(frame, parts -> send(context, number, parts));
    }

    private void greet(ByteBuf frame, int spoken) throws IOException {
        if (!served.terms().versions().include(spoken)) {
            throw new IOException("a hello of version " + spoken + ", this node speaks "
                    + served.terms().versions());
        }
        String clusterId = text(frame);
        int nodeId = frame.readInt();
        byte[] proof = ByteBufUtil.getBytes(frame);
        // Who has no metadata yet does not know its cluster's name, and is told.
        boolean isNew = clusterId.isEmpty() && spoken >= LinkVersions.APART;
        if (!isNew && !clusterId.equals(served.clusterId().get())) {
            throw new IOException("node " + nodeId + " is of cluster " + clusterId);
        }
        if (!served.terms().secret().accepts(proof, challenge.bytes(), clusterId, nodeId)) {
            throw new IOException("node " + nodeId + " does not know this cluster's journal.secret");
        }
        node = nodeId;
        version = spoken;
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

    private void send(ChannelHandlerContext context, long number, Object... parts) {
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
        boolean encrypts = served.terms().encrypts();
        context.write(LinkFrame.head(version, LinkFrame.ANSWER, number, bytes), promise(context, encrypts));
        for (Object part : parts) {
            boolean isFile = part instanceof FileRegion;
            context.write(encrypts && isFile ? new RegionChunks((FileRegion) part) : part, promise(context, encrypts));
        }
        context.flush();
    }

    /** What sends files in pieces needs to be told when each is gone. */
    private static ChannelPromise promise(ChannelHandlerContext context, boolean encrypts) {
        return encrypts ? context.newPromise() : context.voidPromise();
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
