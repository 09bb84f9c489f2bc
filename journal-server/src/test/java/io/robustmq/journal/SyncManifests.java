package io.robustmq.journal;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierEffect;
import io.robustmq.core.tier.TierFact;
import io.robustmq.core.tier.TierMachine;
import io.robustmq.core.tier.TierManifests;
import io.robustmq.core.tier.TierObjects;
import io.robustmq.core.tier.TierSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The manifest in the caller's thread. What was decided is kept, as {@code __segments} would, for the next one. Thread-safe. */
final class SyncManifests implements TierManifests {
    private final List<TierFact> facts;
    private final TierMachine machine = new TierMachine(0, 0);
    private TierObjects objects = TierObjects.NONE;

    SyncManifests() {
        this(new ArrayList<>());
    }

    private SyncManifests(List<TierFact> facts) {
        this.facts = facts;
        facts.forEach(machine::apply);
    }

    /** Whoever keeps it after this one. */
    synchronized SyncManifests next() {
        return new SyncManifests(new ArrayList<>(facts));
    }

    synchronized void deletesIn(TierObjects where) {
        objects = where;
    }

    @Override
    public synchronized void submit(TierCommand.OfPartition command) {
        decide(command);
    }

    /** The image changed. */
    synchronized void hear(MetaImage image) {
        decide(new TierCommand.ForgetDeleted(image));
    }

    /** What is due is deleted. */
    synchronized void tick() {
        decide(new TierCommand.Tick());
    }

    /** Segments that the manifest knows, those that are to be deleted among them. */
    synchronized List<TierSegment> known() {
        Map<Long, TierSegment> known = new TreeMap<>();
        for (TierFact fact : facts) {
            if (fact instanceof TierFact.Stored stored) {
                known.put(stored.segment().baseOffset(), stored.segment());
            } else if (fact instanceof TierFact.Dropped dropped) {
                known.remove(dropped.baseOffset());
            }
        }
        return List.copyOf(known.values());
    }

    private void decide(TierCommand command) {
        Decision<TierFact, TierEffect> decision = machine.decide(command, System.currentTimeMillis());
        decision.facts().forEach(fact -> {
            facts.add(fact);
            machine.apply(fact);
        });
        for (TierEffect effect : decision.effects()) {
            if (effect instanceof TierEffect.Answer answer) {
                answer.requester().answer(answer.manifest());
            } else if (effect instanceof TierEffect.Refuse refuse) {
                refuse.requester().refuse(refuse.error());
            } else if (effect instanceof TierEffect.Delete delete) {
                List<Long> bases =
                        delete.segments().stream().map(TierSegment::baseOffset).toList();
                objects.delete(
                        delete.partition(),
                        delete.segments(),
                        done -> submit(
                                done
                                        ? new TierCommand.Removed(delete.partition(), bases)
                                        : new TierCommand.DeletionFailed(delete.partition(), bases)));
            } else if (effect instanceof TierEffect.Clear clear) {
                objects.clear(
                        clear.partition(),
                        clear.term(),
                        done -> submit(
                                done
                                        ? new TierCommand.Cleared(clear.partition(), clear.term())
                                        : new TierCommand.DeletionFailed(clear.partition(), List.of())));
            } else {
                throw new AssertionError(effect);
            }
        }
    }
}
