package io.robustmq.core.share.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.share.ShareCommand;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Release;
import io.robustmq.core.share.SharePeers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the coordinators of other nodes. Thread-safe: what concerns one node is done in a loop of its own. */
public final class ShareLink implements SharePeers {
    private static final Logger LOG = LoggerFactory.getLogger(ShareLink.class);
    /** Only says that the connection is dead: every node answers sooner. */
    private static final long TIMEOUT_MS = ShareLinkService.ANSWER_MS_MAX + 4_000;

    private final NodeLink link;
    private final LoopGroup loops;
    private final Map<Integer, Peer> peers = new ConcurrentHashMap<>();

    public ShareLink(NodeLink link, LoopGroup loops) {
        this.link = link;
        this.loops = loops;
    }

    @Override
    public void submit(int node, int partition, ShareCommand command) {
        Peer peer = peers.computeIfAbsent(node, Peer::new);
        peer.loop.run(() -> peer.ask(partition, command));
    }

    @Override
    public void checkGroup(int node, String groupId, Consumer<BrokerError> reply) {
        Loop loop = peers.computeIfAbsent(node, Peer::new).loop;
        link.ask(
                node,
                NodeLink.Call.SHARE,
                ShareLinkCodec.check(groupId),
                TIMEOUT_MS,
                loop,
                answer -> reply.accept(
                        answer == null ? BrokerError.COORDINATOR_NOT_AVAILABLE : LinkFields.error(answer)));
    }

    /** One node, and the waiters that it is to tell. While there are any, it is asked who may go on. Owned by its loop. */
    private final class Peer {
        private final int node;
        private final Loop loop;
        private final Map<Slot, Runnable> waiters = new HashMap<>();
        private boolean watching;

        Peer(int node) {
            this.node = node;
            this.loop = loops.loopFor("link-" + node);
        }

        void ask(int partition, ShareCommand command) {
            ByteBuf body;
            try {
                body = ShareLinkCodec.encode(partition, command);
            } catch (RuntimeException | AssertionError e) {
                LOG.error("node={} cannot be asked: {}", node, command, e);
                command.requester().refuse(BrokerError.UNEXPECTED);
                return;
            }
            if (command instanceof Acquire acquire) {
                waiters.put(new Slot(acquire.key(), acquire.memberId()), acquire.waiter());
                watch();
            } else if (command instanceof Release release) {
                waiters.remove(new Slot(release.key(), release.memberId()));
            }
            link.ask(node, NodeLink.Call.SHARE, body, TIMEOUT_MS, loop, answer -> {
                if (answer == null) {
                    command.requester().refuse(BrokerError.COORDINATOR_NOT_AVAILABLE);
                } else {
                    ShareReplyCodec.tell(answer, command.requester());
                }
            });
        }

        private void watch() {
            if (watching || waiters.isEmpty()) {
                return;
            }
            watching = true;
            link.ask(node, NodeLink.Call.SHARE, ShareLinkCodec.watch(), TIMEOUT_MS, loop, answer -> {
                watching = false;
                // Without an answer nobody knows what was missed.
                List<Slot> woken = answer == null ? List.copyOf(waiters.keySet()) : ShareLinkCodec.woken(answer);
                List<Runnable> tasks = new ArrayList<>(woken.size());
                for (Slot slot : woken) {
                    Runnable waiter = waiters.remove(slot);
                    if (waiter != null) {
                        tasks.add(waiter);
                    }
                }
                tasks.forEach(Runnable::run);
                watch();
            });
        }
    }
}
