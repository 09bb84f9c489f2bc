package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.share.ShareCommand;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareReply.Described;
import io.robustmq.core.share.ShareReply.DescribedPartition;
import io.robustmq.core.share.ShareReply.Removed;
import io.robustmq.core.share.ShareRequester;
import io.robustmq.core.share.ShareService;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** All that one group shares, wherever in {@code __share_group_state} it is. Thread-safe. */
public final class SharedByGroup {
    private final ShareService service;

    public SharedByGroup(ShareService service) {
        this.service = service;
    }

    /** {@code whenDone} runs in the loop, with an error or all partitions. */
    public void describe(Loop loop, String groupId, BiConsumer<BrokerError, List<DescribedPartition>> whenDone) {
        List<DescribedPartition> found = new ArrayList<>();
        askAll(
                loop,
                requester -> new ShareCommand.Describe(requester, groupId),
                reply -> found.addAll(((Described) reply).partitions()),
                error -> whenDone.accept(error, found));
    }

    /** {@code whenDone} runs in the loop, with an error or how many partitions were forgotten. No topics: all of them. */
    public void forget(Loop loop, String groupId, Set<TopicId> topicIds, BiConsumer<BrokerError, Integer> whenDone) {
        int[] removed = new int[1];
        askAll(
                loop,
                requester -> new ShareCommand.ForgetGroup(requester, groupId, topicIds),
                reply -> removed[0] += ((Removed) reply).partitions(),
                error -> whenDone.accept(error, removed[0]));
    }

    private void askAll(
            Loop loop,
            Function<ShareRequester, ShareCommand> command,
            Consumer<ShareReply> onReply,
            Consumer<BrokerError> whenDone) {
        int partitions = service.partitions();
        List<BrokerError> errors = new ArrayList<>(0);
        Pending pending = new Pending(
                loop, partitions + 1, () -> whenDone.accept(errors.isEmpty() ? BrokerError.NONE : errors.get(0)));
        for (int partition = 0; partition < partitions; partition++) {
            ShareAnswer answer = new ShareAnswer(
                    loop,
                    reply -> {
                        onReply.accept(reply);
                        pending.done();
                    },
                    error -> {
                        errors.add(error);
                        pending.done();
                    });
            service.submitAnywhere(partition, command.apply(answer));
        }
        pending.done();
    }
}
