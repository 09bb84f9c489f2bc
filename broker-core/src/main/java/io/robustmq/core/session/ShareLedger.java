package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which QoS 2 messages of shared subscriptions a session has settled, above the floor from which their group may be read again.
 * Owned by the machine's loop.
 */
final class ShareLedger {
    private static final int OFFSETS_MAX = 16_384;

    private final Map<Place, StoredShare> shares = new LinkedHashMap<>(0);

    private record Place(String share, Partition partition) {}

    /** What is to be remembered when these flows are settled: facts only about what changes. */
    List<StoredShare> settling(Collection<StoredFlow> flows, Map<Partition, Long> floors) {
        Map<Place, TreeSet<Long>> changed = new LinkedHashMap<>();
        for (StoredFlow flow : flows) {
            if (flow.share() != null && flow.qos() == 2) {
                Place place = new Place(flow.share(), flow.partition());
                changed.computeIfAbsent(place, p -> new TreeSet<>(settled(p))).add(flow.offset());
            }
        }
        List<StoredShare> facts = new ArrayList<>(changed.size());
        changed.forEach((place, offsets) -> {
            Long floor = floors.get(place.partition());
            if (floor != null) {
                offsets.headSet(floor).clear();
            }
            while (offsets.size() > OFFSETS_MAX) {
                offsets.pollFirst();
            }
            facts.add(new StoredShare(place.share(), place.partition(), List.copyOf(offsets)));
        });
        return facts;
    }

    private List<Long> settled(Place place) {
        StoredShare known = shares.get(place);
        return known == null ? List.of() : known.settled();
    }

    List<StoredShare> forgettingAll() {
        return shares.values().stream().map(ShareLedger::emptied).toList();
    }

    private static StoredShare emptied(StoredShare known) {
        return new StoredShare(known.share(), known.partition(), List.of());
    }

    void apply(StoredShare share) {
        Place place = new Place(share.share(), share.partition());
        if (share.settled().isEmpty()) {
            shares.remove(place);
        } else {
            shares.put(place, share);
        }
    }

    List<StoredShare> all() {
        return List.copyOf(shares.values());
    }
}
