package io.robustmq.meta.raft;

import io.robustmq.core.meta.QuorumImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.GroupInfoReply;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.util.ProtoUtils;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the members of a log about it, and to change who they are. Every call blocks; used by one thread at a time. */
final class QuorumClient {
    private static final Logger log = LoggerFactory.getLogger(QuorumClient.class);
    private static final int ATTEMPTS = 5;
    private static final int PAUSE_MS = 200;
    private static final int ASK_MS = 5_000;
    private static final int CHANGE_MS = 10_000;

    private final RaftSettings settings;
    private volatile @Nullable RaftTls tls;

    QuorumClient(RaftSettings settings) {
        this.settings = settings;
    }

    /** Members are spoken to encrypted from now on. */
    void secureBy(RaftTls with) {
        tls = with;
    }

    Looked look() {
        List<Found> found = new ArrayList<>();
        int ignorant = 0;
        for (Voter voter : settings.voters()) {
            if (voter.id() != settings.nodeId()) {
                try {
                    Optional<Found> told = ask(voter);
                    told.ifPresent(found::add);
                    ignorant += told.isEmpty() ? 1 : 0;
                } catch (IOException | RuntimeException e) {
                    // gRPC throws what it has no connection for
                    log.debug("voter={} says nothing of its cluster: {}", voter, String.valueOf(e));
                }
            }
        }
        return new Looked(found, ignorant);
    }

    /** Empty when it knows of none; throws when it does not answer. */
    private Optional<Found> ask(Voter voter) throws IOException {
        RaftPeer peer = Peers.voter(voter);
        RaftGroupId unknown = RaftLayout.founding(settings.directory(), settings.voters()).groupId;
        try (RaftClient client = client(unknown, List.of(peer), RetryPolicies.noRetry(), ASK_MS)) {
            for (RaftGroupId group :
                    client.getGroupManagementApi(peer.getId()).list().getGroupIds()) {
                return ask(peer, group);
            }
            return Optional.empty();
        }
    }

    private Optional<Found> ask(RaftPeer peer, RaftGroupId group) throws IOException {
        try (RaftClient client = client(group, List.of(peer), RetryPolicies.noRetry(), ASK_MS)) {
            GroupInfoReply info = client.getGroupManagementApi(peer.getId()).info(group);
            LogInfoProto itsLog = info.getLogInfoProto();
            if (!itsLog.hasLastEntry() && !itsLog.hasLastSnapshot()) {
                // It wants to be one of those that form a cluster, and waits for us.
                return Optional.empty();
            }
            RaftConfigurationProto conf = info.getConf().orElse(RaftConfigurationProto.getDefaultInstance());
            RaftClientReply reply =
                    client.async().sendStaleRead(Message.EMPTY, 0, peer.getId()).join();
            check(reply);
            if (conf.getPeersCount() == 0) {
                throw new IOException(peer + " does not know the members of its cluster now");
            }
            String roster = reply.getMessage().getContent().toString(StandardCharsets.UTF_8);
            QuorumImage quorum = new QuorumImage(
                    Peers.addresses(ProtoUtils.toRaftPeers(conf.getPeersList())),
                    Peers.addresses(ProtoUtils.toRaftPeers(conf.getListenersList())),
                    Map.of(),
                    0);
            if (roster.isEmpty()) {
                throw new IOException(peer + " has a log, and has not read yet of which cluster");
            }
            return Optional.of(new Found(group, quorum, registered(roster)));
        }
    }

    /** The cluster's name, then the nodes that it has known. */
    private static Set<Integer> registered(String roster) {
        return Arrays.stream(roster.split(" ", -1))
                .skip(1)
                .map(Integer::valueOf)
                .collect(Collectors.toSet());
    }

    /**
     * Makes these the members, if they still are as in {@code present}. Throws when that could not be done.
     *
     * @param addresses of all that are to be members
     */
    void change(
            RaftGroupId group,
            QuorumImage present,
            Set<Integer> voters,
            Set<Integer> observers,
            Map<Integer, String> addresses)
            throws IOException {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(peers(present.voters().keySet(), present.voters()))
                .setListenersInCurrentConf(peers(present.observers().keySet(), present.observers()))
                .setServersInNewConf(peers(voters, addresses))
                .setListenersInNewConf(peers(observers, addresses))
                .build();
        try (RaftClient client = client(group, members(present), retry(), CHANGE_MS)) {
            check(client.admin().setConfiguration(arguments));
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    /** Throws when the node does not lead then. */
    void lead(RaftGroupId group, QuorumImage present, int node) throws IOException {
        try (RaftClient client = client(group, members(present), retry(), CHANGE_MS)) {
            check(client.admin().transferLeadership(Peers.idOf(node), CHANGE_MS / 2));
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    private static void check(RaftClientReply reply) throws IOException {
        if (!reply.isSuccess()) {
            throw new IOException(String.valueOf(reply.getException()));
        }
    }

    private static List<RaftPeer> members(QuorumImage quorum) {
        return peers(quorum.voters().keySet(), quorum.voters());
    }

    private static List<RaftPeer> peers(Set<Integer> nodes, Map<Integer, String> addresses) {
        return nodes.stream()
                .map(node -> Peers.peer(node, addresses.getOrDefault(node, "")).build())
                .toList();
    }

    private static RetryPolicy retry() {
        return RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                ATTEMPTS, TimeDuration.valueOf(PAUSE_MS, TimeUnit.MILLISECONDS));
    }

    private RaftClient client(RaftGroupId group, List<RaftPeer> peers, RetryPolicy retry, int timeoutMs) {
        RaftProperties properties = RatisProperties.of(settings);
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(timeoutMs, TimeUnit.MILLISECONDS));
        RaftTls secured = tls;
        return RaftClient.newBuilder()
                .setProperties(properties)
                .setParameters(secured == null ? new Parameters() : secured.parameters())
                .setRaftGroup(RaftGroup.valueOf(group, peers))
                .setRetryPolicy(retry)
                .build();
    }
}
