package io.robustmq.meta.fact;

import java.util.List;

/**
 * One entry of the meta log: facts that happen together, decided on one state.
 *
 * @param base log index of the entry before this one that changed the state. Where it is not that any more when the entry
 *     is applied, the facts were decided on a state that is gone, and every replica drops them.
 */
public record MetaEntry(long base, List<MetaFact> facts) {
    public MetaEntry {
        facts = List.copyOf(facts);
    }
}
