package io.robustmq.e2e.nemesis.history;

import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Delivered;
import io.robustmq.e2e.nemesis.history.Event.Ended;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Read;
import io.robustmq.e2e.nemesis.history.Event.Sent;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What of a history is about one stream, sorted by what the checks ask for. */
record StreamHistory(
        Stream stream,
        Set<Item> sent,
        List<Acknowledged> acknowledged,
        List<Ended> ended,
        Map<Integer, List<Stored>> log,
        Map<Position, Stored> byPosition,
        Map<Item, List<Stored>> byItem,
        Map<String, List<Read>> reads,
        Map<String, List<Delivered>> deliveries) {

    static StreamHistory of(Stream stream, List<Event> history) {
        var sorted = new StreamHistory(
                stream,
                new HashSet<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new TreeMap<>(),
                new HashMap<>(),
                new HashMap<>(),
                new TreeMap<>(),
                new TreeMap<>());
        history.forEach(sorted::take);
        return sorted;
    }

    private void take(Event event) {
        String name = stream.name();
        if (event instanceof Sent each && each.stream().equals(name)) {
            sent.add(each.item());
        } else if (event instanceof Acknowledged each && each.stream().equals(name)) {
            acknowledged.add(each);
        } else if (event instanceof Ended each && each.stream().equals(name)) {
            ended.add(each);
        } else if (event instanceof Stored each && each.stream().equals(name)) {
            log.computeIfAbsent(each.position().partition(), partition -> new ArrayList<>())
                    .add(each);
            byPosition.put(each.position(), each);
            byItem.computeIfAbsent(each.item(), item -> new ArrayList<>()).add(each);
        } else if (event instanceof Read each && each.stream().equals(name)) {
            reads.computeIfAbsent(each.reader(), reader -> new ArrayList<>()).add(each);
        } else if (event instanceof Delivered each && each.stream().equals(name)) {
            deliveries
                    .computeIfAbsent(each.subscriber(), subscriber -> new ArrayList<>())
                    .add(each);
        }
    }
}
