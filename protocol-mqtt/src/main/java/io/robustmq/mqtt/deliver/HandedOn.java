package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.PartitionLog;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Messages that a share gave to members whose sessions had come further already: until such a session has settled one, nobody of the
 * share is past it, or a crash would lose it. Owned by the router's loop.
 */
final class HandedOn {
    private final Map<PartitionLog, TreeMap<Long, To>> byLog = new HashMap<>(2);

    /** Who has it; from the round of storing after this one on, it is known there. */
    private record To(ShareGroup.Member member, int round) {}

    void add(PartitionLog log, long offset, ShareGroup.Member member, int round) {
        byLog.computeIfAbsent(log, l -> new TreeMap<>()).put(offset, new To(member, round));
    }

    /** In this round the member's session had settled, or stored by itself, what is before these offsets. */
    void settled(ShareGroup.Member member, Map<PartitionLog, Long> positions, int round) {
        Iterator<Map.Entry<PartitionLog, TreeMap<Long, To>>> logs =
                byLog.entrySet().iterator();
        while (logs.hasNext()) {
            Map.Entry<PartitionLog, TreeMap<Long, To>> log = logs.next();
            long position = positions.getOrDefault(log.getKey(), Long.MAX_VALUE);
            log.getValue().headMap(position).values().removeIf(to -> to.member == member && to.round < round);
            if (log.getValue().isEmpty()) {
                logs.remove();
            }
        }
    }

    /** What the member still had goes to others, or is stored by itself. */
    void left(ShareGroup.Member member) {
        byLog.values().removeIf(log -> {
            log.values().removeIf(to -> to.member == member);
            return log.isEmpty();
        });
    }

    /** Lowers positions to what is not known to be settled. */
    void lower(Map<PartitionLog, Long> positions) {
        byLog.forEach((log, offsets) ->
                positions.computeIfPresent(log, (l, position) -> Math.min(position, offsets.firstKey())));
    }
}
