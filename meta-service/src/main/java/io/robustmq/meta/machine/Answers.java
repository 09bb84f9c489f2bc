package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.meta.fact.MetaFact;
import java.util.List;

/** The two shapes of an answer that the machines share. */
final class Answers {
    private Answers() {}

    static Decision<MetaFact, MetaReply> refuse(BrokerError error, String message) {
        return Decision.effect(new MetaReply.Refused(error, message));
    }

    /** Done, with the facts unless only validating. */
    static Decision<MetaFact, MetaReply> done(List<MetaFact> facts, boolean validateOnly) {
        return new Decision<>(validateOnly ? List.of() : facts, List.of(new MetaReply.Done()));
    }
}
