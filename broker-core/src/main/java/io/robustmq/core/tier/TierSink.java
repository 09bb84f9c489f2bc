package io.robustmq.core.tier;

import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.function.IntConsumer;

/** Tells who asked, and lets objects be deleted. Any thread. */
final class TierSink implements EffectSink<TierCommand, TierEffect> {
    private final TierObjects objects;
    private final TierManifests manifests;
    private final IntConsumer topicCheck;

    /** @param topicCheck lets a partition of {@code __segments} hear of topics that are gone */
    TierSink(TierObjects objects, TierManifests manifests, IntConsumer topicCheck) {
        this.objects = objects;
        this.manifests = manifests;
        this.topicCheck = topicCheck;
    }

    @Override
    public void perform(TierEffect effect) {
        if (effect instanceof TierEffect.Answer answer) {
            answer.requester().answer(answer.manifest());
        } else if (effect instanceof TierEffect.Refuse refuse) {
            refuse.requester().refuse(refuse.error());
        } else if (effect instanceof TierEffect.Delete delete) {
            Partition partition = delete.partition();
            List<Long> bases =
                    delete.segments().stream().map(TierSegment::baseOffset).toList();
            objects.delete(
                    partition,
                    delete.segments(),
                    done -> manifests.submit(
                            done
                                    ? new TierCommand.Removed(partition, bases)
                                    : new TierCommand.DeletionFailed(partition, bases)));
        } else if (effect instanceof TierEffect.Clear clear) {
            Partition partition = clear.partition();
            objects.clear(
                    partition,
                    clear.term(),
                    done -> manifests.submit(
                            done
                                    ? new TierCommand.Cleared(partition, clear.term())
                                    : new TierCommand.DeletionFailed(partition, List.of())));
        } else if (effect instanceof TierEffect.CheckTopics check) {
            topicCheck.accept(check.manifestPartition());
        } else {
            throw new AssertionError(effect);
        }
    }

    /** Where another node may lead by now, whether it was done is not known: the next one says. */
    @Override
    public void refused(TierCommand command, BrokerError error) {
        command.requester().refuse(error);
    }
}
