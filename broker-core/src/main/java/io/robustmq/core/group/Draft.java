package io.robustmq.core.group;

import io.robustmq.core.coordinator.Decision;
import java.util.ArrayList;
import java.util.List;

/** A decision being made. */
final class Draft {
    private final List<GroupFact> facts = new ArrayList<>(1);
    private final List<GroupEffect> effects = new ArrayList<>(1);

    void log(GroupFact fact) {
        facts.add(fact);
    }

    void answer(Requester requester, GroupReply reply) {
        effects.add(new GroupEffect(requester, reply));
    }

    Decision<GroupFact, GroupEffect> decision() {
        return new Decision<>(facts, effects);
    }
}
