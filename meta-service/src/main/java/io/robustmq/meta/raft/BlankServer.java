package io.robustmq.meta.raft;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.GroupListReplyProto;
import org.apache.ratis.proto.RaftProtos.GroupListRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.grpc.AdminProtocolServiceGrpc.AdminProtocolServiceImplBase;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Tells who asks at this node's port, while the node has no log, that it knows of no cluster. Whatever else is asked of it is
 * answered as if nobody were there. Owned by the starting thread.
 */
final class BlankServer implements AutoCloseable {
    private static final long CLOSE_MS = 2_000;

    private final Server server;

    private BlankServer(Server server) {
        this.server = server;
    }

    /** @param tls null: whoever reaches the port may ask */
    static BlankServer start(RaftSettings settings, @Nullable RaftTls tls) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(settings.bind(), settings.port()))
                .addService(new NoGroups());
        if (tls != null) {
            builder.sslContext(tls.serverContext());
        }
        try {
            return new BlankServer(builder.build().start());
        } catch (IOException e) {
            throw new IOException("cannot listen for other nodes on " + settings.bind() + ":" + settings.port(), e);
        }
    }

    /** The port is free again when this returns. */
    @Override
    public void close() throws IOException {
        server.shutdownNow();
        try {
            if (!server.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                throw new IOException("the port of the metadata is still taken after " + CLOSE_MS + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
    }

    private static final class NoGroups extends AdminProtocolServiceImplBase {
        @Override
        public void groupList(GroupListRequestProto request, StreamObserver<GroupListReplyProto> answer) {
            RaftRpcRequestProto asked = request.getRpcRequest();
            answer.onNext(GroupListReplyProto.newBuilder()
                    .setRpcReply(RaftRpcReplyProto.newBuilder()
                            .setRequestorId(asked.getRequestorId())
                            .setReplyId(asked.getReplyId())
                            .setCallId(asked.getCallId())
                            .setRaftGroupId(asked.getRaftGroupId())
                            .setSuccess(true))
                    .build());
            answer.onCompleted();
        }
    }
}
