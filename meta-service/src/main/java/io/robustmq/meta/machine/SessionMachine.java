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
 */
public final class SessionMachine {
    private final int nodeId;
    private final long timeoutMs;
    private final Map<Integer, Session> sessions = new HashMap<>();
    private long lastTickMs;
    private boolean reachable;

    /** Until when an incarnation is believed to be alive. */
    private record Session(long incarnationEpoch, long deadlineMs) {}

    public SessionMachine(int nodeId, long timeoutMs) {
        this.nodeId = nodeId;
        this.timeoutMs = timeoutMs;
    }

    /** This node begins to lead: it has heard of nobody yet. */
    public void lead(long nowMs) {
        sessions.clear();
        reachable = false;
        lastTickMs = nowMs;
    }

    public void heard(int node, long incarnationEpoch, long nowMs) {
        if (node == nodeId && !reachable) {
            reachable = true;
            sessions.clear();
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
        }
        sessions.keySet().retainAll(image.nodes().keySet());
        List<FenceNode> expired = new ArrayList<>();
        for (NodeImage node : image.nodes().values()) {
            Session known = sessions.get(node.id());
            if (known == null || known.incarnationEpoch < node.incarnationEpoch()) {
                sessions.put(node.id(), new Session(node.incarnationEpoch(), nowMs + timeoutMs));
            } else if (!node.fenced() && nowMs - known.deadlineMs >= 0) {
                expired.add(new FenceNode(node.id(), node.incarnationEpoch()));
            }
        }
        return expired;
    }
}
