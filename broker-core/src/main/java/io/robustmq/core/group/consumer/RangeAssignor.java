package io.robustmq.core.group.consumer;

import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives each subscriber of a topic a range of its partitions, in the order of the members, the first ones one more. So
 * topics with as many partitions and the same subscribers are divided alike, and partitions of the same number meet.
 */
final class RangeAssignor implements Assignor {
    @Override
    public String name() {
        return "range";
    }

    @Override
    public Map<String, Partitions> assign(Question question) {
        List<Map.Entry<String, Subscriber>> order =
                new ArrayList<>(question.members().entrySet());
        order.sort(Comparator.comparing(member -> member.getValue().sortsAs()));
        Map<String, Partitions.Builder> shares = new HashMap<>();
        order.forEach(member -> shares.put(member.getKey(), Partitions.builder()));
        question.partitions().forEach((topic, count) -> divide(topic, count, subscribers(order, topic), shares));
        Map<String, Partitions> assigned = new HashMap<>();
        shares.forEach((memberId, share) -> assigned.put(memberId, share.build()));
        return assigned;
    }

    private static List<String> subscribers(List<Map.Entry<String, Subscriber>> order, TopicId topic) {
        List<String> subscribers = new ArrayList<>();
        for (Map.Entry<String, Subscriber> member : order) {
            if (member.getValue().topics().contains(topic)) {
                subscribers.add(member.getKey());
            }
        }
        return subscribers;
    }

    private static void divide(
            TopicId topic, int count, List<String> subscribers, Map<String, Partitions.Builder> shares) {
        int partition = 0;
        for (int i = 0; i < subscribers.size(); i++) {
            int size = count / subscribers.size() + (i < count % subscribers.size() ? 1 : 0);
            Partitions.Builder share = shares.get(subscribers.get(i));
            for (int end = partition + size; partition < end && share != null; partition++) {
                share.add(topic, partition);
            }
        }
    }
}
