package io.robustmq.core.group.consumer;

import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * For share groups: every partition has somebody and everybody has a partition. Where there are more members than
 * partitions, members share them evenly.
 */
public final class SimpleAssignor implements Assignor {
    static final SimpleAssignor INSTANCE = new SimpleAssignor();
    public static final String NAME = "simple";

    private SimpleAssignor() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Partitions> assign(Question question) {
        Map<String, Partitions.Builder> shares = new HashMap<>();
        question.members().keySet().forEach(memberId -> shares.put(memberId, Partitions.builder()));
        int turn = 0;
        for (Map.Entry<TopicId, Integer> topic : question.partitions().entrySet()) {
            List<Partitions.Builder> subscribers = new ArrayList<>();
            question.members().forEach((memberId, member) -> {
                Partitions.Builder share = shares.get(memberId);
                if (share != null && member.topics().contains(topic.getKey())) {
                    subscribers.add(share);
                }
            });
            int rounds = subscribers.isEmpty() ? 0 : Math.max(subscribers.size(), topic.getValue());
            for (int i = 0; i < rounds; i++) {
                // Topics begin with different members, so that many small ones do not all go to the first.
                subscribers.get((turn + i) % subscribers.size()).add(topic.getKey(), i % topic.getValue());
            }
            turn += rounds;
        }
        Map<String, Partitions> result = new HashMap<>();
        shares.forEach((memberId, share) -> result.put(memberId, share.build()));
        return result;
    }
}
