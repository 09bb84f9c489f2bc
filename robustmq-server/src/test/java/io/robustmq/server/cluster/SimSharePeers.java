package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.share.ShareCommand;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.SharePeers;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareRequester;
import java.util.function.Consumer;

/** A node's way to the coordinators of what groups share at the others. */
final class SimSharePeers implements SharePeers {
    private static final int TIMEOUT_MS = 700;

    private final SimNode node;
    private final LinkOrder order;

    SimSharePeers(SimNode node) {
        this.node = node;
        this.order = new LinkOrder(node);
    }

    @Override
    public void submit(int target, int partition, ShareCommand command) {
        Loop loop = node.loops().get(0);
        World world = node.world;
        boolean[] answered = {false};
        ShareRequester once = new ShareRequester() {
            @Override
            public void answer(ShareReply reply) {
                back(() -> command.requester().answer(reply));
            }

            @Override
            public void refuse(BrokerError error) {
                back(() -> command.requester().refuse(error));
            }

            private void back(Runnable tell) {
                world.sendOnce(
                        target,
                        node.id,
                        () -> loop.execute(() -> {
                            if (!answered[0]) {
                                answered[0] = true;
                                tell.run();
                            }
                        }));
            }
        };
        ShareCommand asked = with(once, command);
        int number = order.next(target);
        world.sendOnce(node.id, target, () -> node.cluster.node(target).serve(services -> {
            // Nothing comes from a connection that was given up.
            if (!answered[0] && order.takes(target, number)) {
                services.shares.submitTo(partition, asked);
            }
        }));
        loop.schedule(TIMEOUT_MS, () -> {
            if (!answered[0]) {
                answered[0] = true;
                command.requester().refuse(BrokerError.COORDINATOR_NOT_AVAILABLE);
            }
        });
    }

    private static ShareCommand with(ShareRequester requester, ShareCommand command) {
        if (command instanceof Acquire c) {
            return new Acquire(requester, c.key(), c.memberId(), c.terms(), c.log(), c.seen(), c.wish(), c.waiter());
        }
        if (command instanceof Acknowledge c) {
            return new Acknowledge(requester, c.key(), c.memberId(), c.terms(), c.records());
        }
        if (command instanceof Start c) {
            return new Start(requester, c.key(), c.offset(), c.imageIndex());
        }
        throw new AssertionError(command);
    }

    @Override
    public void checkGroup(int target, String groupId, Consumer<BrokerError> reply) {
        reply.accept(BrokerError.NONE);
    }
}
