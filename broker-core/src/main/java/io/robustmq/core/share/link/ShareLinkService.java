package io.robustmq.core.share.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CheckShareGroup;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.group.Requester;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.share.ShareCommand;
import io.robustmq.core.share.ShareKey;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareRequester;
import io.robustmq.core.share.ShareService;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers what other nodes ask the coordinators of this one. A conversation is owned by its connection's loop. */
public final class ShareLinkService implements NodeLink.Service {
    static final long ANSWER_MS_MAX = 10_000;

    private final ShareService shares;
    private final GroupService groups;

    public ShareLinkService(ShareService shares, GroupService groups) {
        this.shares = shares;
        this.groups = groups;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new Talk(loop);
    }

    /** With one node. What its members wait for is forgotten with the connection: it asks anew. */
    private final class Talk implements NodeLink.Conversation {
        private final Loop loop;
        private final Set<Slot> woken = new LinkedHashSet<>();
        private NodeLink.@Nullable Answer watcher;
        private Cancellable watchEnd = Cancellable.NOTHING;
        private boolean over;

        Talk(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void onCall(ByteBuf body, NodeLink.Answer answer) {
            byte kind = body.readByte();
            switch (kind) {
                case ShareLinkCodec.WATCH -> watch(answer);
                case ShareLinkCodec.CHECK -> check(body, answer);
                case ShareLinkCodec.FORGET -> {
                    int partition = body.readInt();
                    shares.submitTo(partition, ShareLinkCodec.forget(body, new Asking(loop, answer)));
                }
                case ShareLinkCodec.DESCRIBE -> {
                    int partition = body.readInt();
                    shares.submitTo(partition, ShareLinkCodec.describe(body, new Asking(loop, answer)));
                }
                default -> {
                    ShareKey key = ShareLinkCodec.key(body);
                    ShareCommand command = ShareLinkCodec.keyed(
                            kind, key, body, new Asking(loop, answer), shares::termsOf, slot -> () -> wake(slot));
                    shares.submitHere(key, command);
                }
            }
        }

        private void check(ByteBuf body, NodeLink.Answer answer) {
            String groupId = LinkFields.string(body);
            groups.submit(groupId, new CheckShareGroup(new Checking(loop, answer), groupId, false));
        }

        private void watch(NodeLink.Answer answer) {
            tellWatcher();
            watcher = answer;
            if (woken.isEmpty()) {
                watchEnd = loop.schedule(ANSWER_MS_MAX, this::tellWatcher);
            } else {
                tellWatcher();
            }
        }

        private void wake(Slot slot) {
            loop.run(() -> {
                if (!over) {
                    woken.add(slot);
                    tellWatcher();
                }
            });
        }

        private void tellWatcher() {
            NodeLink.Answer waiting = watcher;
            if (waiting != null) {
                watcher = null;
                watchEnd.cancel();
                waiting.send(ShareLinkCodec.encode(List.copyOf(woken)));
                woken.clear();
            }
        }

        @Override
        public void ended() {
            over = true;
            watcher = null;
            watchEnd.cancel();
            woken.clear();
        }
    }

    /** Another node, which waits for a coordinator of this one. */
    private static final class Asking implements ShareRequester {
        private final Reply reply;

        Asking(Loop loop, NodeLink.Answer answer) {
            this.reply = new Reply(loop, answer, () -> ShareReplyCodec.refused(BrokerError.REQUEST_TIMED_OUT));
        }

        @Override
        public void answer(ShareReply given) {
            reply.send(ShareReplyCodec.encode(given));
        }

        @Override
        public void refuse(BrokerError error) {
            reply.send(ShareReplyCodec.refused(error));
        }
    }

    /** Another node, which waits for a group's coordinator. */
    private static final class Checking implements Requester {
        private final Reply reply;

        Checking(Loop loop, NodeLink.Answer answer) {
            this.reply = new Reply(loop, answer, () -> ShareLinkCodec.encode(BrokerError.REQUEST_TIMED_OUT));
        }

        @Override
        public void answer(GroupReply given) {
            refuse(given instanceof GroupReply.Done done ? done.error() : BrokerError.UNEXPECTED);
        }

        @Override
        public void refuse(BrokerError error) {
            reply.send(ShareLinkCodec.encode(error));
        }
    }

    /** The first answer, in the connection's loop; another one when there is none in time. */
    private static final class Reply {
        private final Loop loop;
        private final NodeLink.Answer answer;
        private final Cancellable timeout;
        private boolean sent;

        Reply(Loop loop, NodeLink.Answer answer, Supplier<ByteBuf> otherwise) {
            this.loop = loop;
            this.answer = answer;
            this.timeout = loop.schedule(ANSWER_MS_MAX, () -> send(otherwise.get()));
        }

        /** Takes {@code body}. */
        void send(ByteBuf body) {
            loop.run(() -> {
                if (sent) {
                    body.release();
                    return;
                }
                sent = true;
                timeout.cancel();
                answer.send(body);
            });
        }
    }
}
