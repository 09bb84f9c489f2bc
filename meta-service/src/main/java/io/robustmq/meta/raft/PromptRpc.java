package io.robustmq.meta.raft;

import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Ratis' gRPC, but that a leader tells followers at once what is committed. By itself it tells them with the next entry or heartbeat, which is
 * up to half an election timeout later, unless each commit is an entry of its own. Stateless.
 */
public final class PromptRpc implements RpcType {
    private static final String NEWS = "robustmq.commit.news";

    /** For Ratis, which makes it by its name. */
    public PromptRpc() {}

    static void use(RaftProperties properties, Parameters parameters, CommitNews news) {
        RaftConfigKeys.Rpc.setType(properties, new PromptRpc());
        parameters.put(NEWS, news, CommitNews.class);
    }

    @Override
    public String name() {
        return PromptRpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    /** Of servers and clients. */
    private static final class Factory extends GrpcFactory {
        private final CommitNews news;

        private Factory(Parameters parameters) {
            super(parameters);
            news = parameters.getNonNull(NEWS, CommitNews.class);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
            LogAppender appender = new PromptAppender(server, state, follower);
            news.isToldBy(appender);
            return appender;
        }
    }
}
