package io.robustmq.server.link;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.robustmq.server.tls.TlsContexts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * On what terms the nodes of a cluster talk: they know each other by a secret, by certificates, by both, or by nothing, when everybody
 * who reaches the port is a node. Immutable.
 *
 * @param tls of the cluster, which asks both ends for a certificate; null: nothing is encrypted
 */
public record LinkTerms(LinkSecret secret, @Nullable TlsContexts tls, LinkVersions versions) {
    public LinkTerms(String secret, @Nullable TlsContexts tls) {
        this(new LinkSecret(secret), tls, LinkVersions.SPOKEN);
    }

    /** Whether who has said hello is known to be a node. */
    boolean isSure() {
        return tls != null || !secret.isEmpty();
    }

    boolean encrypts() {
        return tls != null;
    }

    /** The server's end: files are sent in pieces where the bytes have to be seen. */
    void addTo(ChannelPipeline pipeline) {
        if (tls != null) {
            pipeline.addLast(new SslHandler(tls.newEngine()), new ChunkedWriteHandler());
        }
    }

    /** The client's end of a connection to {@code node}. */
    void addTo(ChannelPipeline pipeline, InetSocketAddress node) {
        if (tls != null) {
            pipeline.addLast(new SslHandler(tls.newClientEngine(node.getHostString(), node.getPort())));
        }
    }

    /** Of a connection that sends no files any more. */
    static void removePieces(ChannelPipeline pipeline) {
        ChannelHandler pieces = pipeline.get(ChunkedWriteHandler.class);
        if (pieces != null) {
            pipeline.remove(pieces);
        }
    }
}
