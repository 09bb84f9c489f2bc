package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The shared subscriptions that are dealt where this partition is led. Owned by the machine's loop. */
final class GroupLedger {
    private final Map<String, Map<Partition, StoredGroup.Place>> groups = new LinkedHashMap<>(0);

    /** Facts only about what changes. */
    List<SessionFact> kept(StoredGroup group) {
        Map<Partition, StoredGroup.Place> known = groups.get(group.share());
        List<SessionFact> facts = new ArrayList<>();
        if (known == null) {
            facts.add(new SessionFact.GroupStarted(group.share()));
        }
        group.places().forEach((partition, place) -> {
            if (known == null || !place.equals(known.get(partition))) {
                facts.add(new SessionFact.GroupMoved(group.share(), partition, place));
            }
        });
        return facts;
    }

    List<SessionFact> ended(String share) {
        Map<Partition, StoredGroup.Place> known = groups.get(share);
        if (known == null) {
            return List.of();
        }
        List<SessionFact> facts = new ArrayList<>();
        known.keySet().forEach(partition -> facts.add(new SessionFact.GroupForgotten(share, partition)));
        facts.add(new SessionFact.GroupEnded(share));
        return facts;
    }

    /** False if the fact is about something else. */
    boolean apply(SessionFact fact) {
        if (fact instanceof SessionFact.GroupEnded f) {
            groups.remove(f.share());
        } else if (fact instanceof SessionFact.GroupStarted f) {
            places(f.share());
        } else if (fact instanceof SessionFact.GroupMoved f) {
            // Replaying a compacted log, it may come before the fact that the group is there.
            places(f.share()).put(f.partition(), f.place());
        } else if (fact instanceof SessionFact.GroupForgotten f) {
            places(f.share()).remove(f.partition());
        } else {
            return false;
        }
        return true;
    }

    private Map<Partition, StoredGroup.Place> places(String share) {
        return groups.computeIfAbsent(share, s -> new HashMap<>());
    }

    List<StoredGroup> all() {
        return groups.entrySet().stream()
                .map(group -> new StoredGroup(group.getKey(), group.getValue()))
                .toList();
    }
}
