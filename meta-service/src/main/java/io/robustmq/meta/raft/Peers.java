package io.robustmq.meta.raft;

import io.robustmq.core.meta.QuorumImage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;

/** Nodes in Ratis' words and back. Stateless. */
final class Peers {
    private Peers() {}

    static int nodeOf(RaftPeerId peer) {
        return Integer.parseInt(peer.toString());
    }

    static RaftPeerId idOf(int nodeId) {
        return RaftPeerId.valueOf(Integer.toString(nodeId));
    }

    static RaftPeer voter(Voter voter) {
        return peer(voter.id(), voter.address()).build();
    }

    static RaftPeer observer(Voter node) {
        return peer(node.id(), node.address())
                .setStartupRole(RaftPeerRole.LISTENER)
                .build();
    }

    static RaftPeer.Builder peer(int nodeId, String address) {
        return RaftPeer.newBuilder().setId(idOf(nodeId)).setAddress(address);
    }

    static Map<Integer, String> addresses(Collection<RaftPeer> peers) {
        Map<Integer, String> addresses = new HashMap<>();
        peers.forEach(peer -> addresses.put(nodeOf(peer.getId()), peer.getAddress()));
        return addresses;
    }

    /** As the division knows it now. Of a change that is under way, the members before it: it may still come to nothing. */
    static QuorumImage quorum(RaftServer.Division division) {
        Map<Integer, Long> committed = new HashMap<>();
        for (CommitInfoProto info : division.getCommitInfos()) {
            committed.put(nodeOf(RaftPeerId.valueOf(info.getServer().getId())), info.getCommitIndex());
        }
        RaftConfiguration members = division.getRaftConf();
        boolean changes = !members.getPreviousPeers().isEmpty();
        return new QuorumImage(
                addresses(changes ? members.getPreviousPeers() : members.getCurrentPeers()),
                addresses(
                        changes
                                ? members.getPreviousPeers(RaftPeerRole.LISTENER)
                                : members.getCurrentPeers(RaftPeerRole.LISTENER)),
                committed,
                division.getInfo().getCurrentTerm());
    }
}
