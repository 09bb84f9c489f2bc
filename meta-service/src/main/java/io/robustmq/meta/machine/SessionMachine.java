package io.robustmq.meta.machine;

import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When the nodes were last heard of, as the meta leader knows it. Owned by the meta thread. Times are a monotonic clock's. A
 * node that is seen for the first time, in this incarnation and by this leader, has a whole timeout before it. A leader that was
 * not heard of itself is still starting: nobody can reach it yet.
 *
 * <p>A process that dies closes its connections, one that is only slow or stopped does not. So who closed a connection, and
 * made no other one soon, is not waited for any longer. That is known of a connection before this node led, too.
 */
public final class SessionMachine {
    private final int nodeId;
    private final long timeoutMs;
    private final long lostMs;
    private final Map<Integer, Session> sessions = new HashMap<>();
    /** Whose connection is closed, in which life, and since when. */
    private final Map<Integer, Lost> lost = new HashMap<>();

    private long leadsSinceMs;
    private long lastTickMs;
    private boolean reachable;

    /** Until when an incarnation is believed to be alive. */
    private record Session(long incarnationEpoch, long deadlineMs) {}

    private record Lost(long incarnationEpoch, long atMs) {}

    /** @param lostMs how long who closed its connection is waited for; several times as long as it takes to make another */
    public SessionMachine(int nodeId, long timeoutMs, long lostMs) {
        this.nodeId = nodeId;
        this.timeoutMs = timeoutMs;
        this.lostMs = Math.min(lostMs, timeoutMs);
    }

    /** This node begins to lead: it has heard of nobody yet. */
    public void lead(long nowMs) {
        sessions.clear();
        reachable = false;
        lastTickMs = nowMs;
        leadsSinceMs = nowMs;
    }

    /** The node closed a connection, or there is nobody to connect to. */
    public void lost(int node, long incarnationEpoch, long nowMs) {
        Lost known = lost.get(node);
        if (node != nodeId && (known == null || known.incarnationEpoch < incarnationEpoch)) {
            lost.put(node, new Lost(incarnationEpoch, nowMs));
        }
    }

    /** There is a connection to the node. */
    public void found(int node) {
        lost.remove(node);
    }

    public void heard(int node, long incarnationEpoch, long nowMs) {
        if (node == nodeId && !reachable) {
            reachable = true;
            sessions.clear();
            leadsSinceMs = nowMs;
        }
        Lost gone = lost.get(node);
        if (gone != null && incarnationEpoch >= gone.incarnationEpoch) {
            lost.remove(node);
        }
        Session known = sessions.get(node);
        if (known == null || incarnationEpoch >= known.incarnationEpoch) {
            sessions.put(node, new Session(incarnationEpoch, nowMs + timeoutMs));
        }
    }

    /** Whom to fence. Called several times per timeout: who was stopped itself for longer than that knows nothing of others. */
    public List<FenceNode> tick(MetaImage image, long nowMs) {
        boolean slept = nowMs - lastTickMs > timeoutMs / 2;
        lastTickMs = nowMs;
        if (slept || !reachable) {
            sessions.clear();
            leadsSinceMs = nowMs;
        }
        lost.keySet().retainAll(image.nodes().keySet());
        sessions.keySet().retainAll(image.nodes().keySet());
        List<FenceNode> expired = new ArrayList<>();
        for (NodeImage node : image.nodes().values()) {
            Session known = sessions.get(node.id());
            if (known == null || known.incarnationEpoch < node.incarnationEpoch()) {
                sessions.put(node.id(), new Session(node.incarnationEpoch(), nowMs + timeoutMs));
            } else if (!node.fenced() && (nowMs - known.deadlineMs >= 0 || isLost(node, nowMs))) {
                expired.add(new FenceNode(node.id(), node.incarnationEpoch()));
            }
        }
        return expired;
    }

    private boolean isLost(NodeImage node, long nowMs) {
        Lost gone = lost.get(node.id());
        return gone != null
                && gone.incarnationEpoch == node.incarnationEpoch()
                && nowMs - gone.atMs >= lostMs
                // Every node speaks to a new leader at once.
                && nowMs - leadsSinceMs >= lostMs / 2;
    }
}
