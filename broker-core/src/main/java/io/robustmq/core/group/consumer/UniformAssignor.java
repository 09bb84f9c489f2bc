package io.robustmq.core.group.consumer;

import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives every member as many partitions as the others as far as subscriptions allow, and moves as few as that takes: keeps
 * what members have, hands out the rest to whoever has least, then lets those with most give to those with at least two
 * fewer.
 */
final class UniformAssignor implements Assignor {
    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public Map<String, Partitions> assign(Question question) {
        Shares shares = new Shares(question);
        shares.keep();
        shares.handOut();
        shares.level();
        return shares.result();
    }

    /** One assignment being made. */
    private static final class Shares {
        private final Question question;
        /** By member, in the order of ids. */
        private final Map<String, List<Placed>> shares = new TreeMap<>();

        private final Map<TopicId, List<String>> subscribers = new HashMap<>();
        private final Map<TopicId, boolean[]> taken = new HashMap<>();

        private record Placed(TopicId topic, int partition) {}

        Shares(Question question) {
            this.question = question;
            question.partitions().forEach((topic, count) -> taken.put(topic, new boolean[count]));
            question.members().forEach((memberId, member) -> {
                shares.put(memberId, new ArrayList<>());
                for (TopicId topic : member.topics()) {
                    subscribers.computeIfAbsent(topic, id -> new ArrayList<>()).add(memberId);
                }
            });
        }

        void keep() {
            question.members().forEach((memberId, member) -> member.target().forEach((topic, partition, epoch) -> {
                boolean[] ofTopic = taken.get(topic);
                if (ofTopic != null
                        && partition < ofTopic.length
                        && !ofTopic[partition]
                        && member.topics().contains(topic)) {
                    ofTopic[partition] = true;
                    share(memberId).add(new Placed(topic, partition));
                }
            }));
        }

        /** Topics with few subscribers first: their partitions have less choice. */
        void handOut() {
            List<TopicId> topics = new ArrayList<>(question.partitions().keySet());
            topics.sort((a, b) -> Integer.compare(of(a).size(), of(b).size()));
            for (TopicId topic : topics) {
                boolean[] ofTopic = taken.getOrDefault(topic, new boolean[0]);
                for (int partition = 0; partition < ofTopic.length && !of(topic).isEmpty(); partition++) {
                    if (!ofTopic[partition]) {
                        share(least(topic)).add(new Placed(topic, partition));
                    }
                }
            }
        }

        /** Ends, as every move brings two shares nearer to each other. */
        void level() {
            boolean moved = true;
            while (moved) {
                moved = false;
                int smallest = Integer.MAX_VALUE;
                for (List<Placed> share : shares.values()) {
                    smallest = Math.min(smallest, share.size());
                }
                for (List<Placed> share : shares.values()) {
                    if (share.size() >= smallest + 2) {
                        moved |= give(share);
                    }
                }
            }
        }

        private boolean give(List<Placed> share) {
            boolean moved = false;
            for (int i = share.size() - 1; i >= 0; i--) {
                Placed placed = share.get(i);
                List<Placed> smallest = share(least(placed.topic()));
                if (smallest.size() + 2 <= share.size()) {
                    share.remove(i);
                    smallest.add(placed);
                    moved = true;
                }
            }
            return moved;
        }

        private List<String> of(TopicId topic) {
            return subscribers.getOrDefault(topic, List.of());
        }

        private List<Placed> share(String memberId) {
            return shares.computeIfAbsent(memberId, id -> new ArrayList<>());
        }

        private String least(TopicId topic) {
            List<String> candidates = of(topic);
            String least = candidates.get(0);
            for (String memberId : candidates) {
                if (share(memberId).size() < share(least).size()) {
                    least = memberId;
                }
            }
            return least;
        }

        Map<String, Partitions> result() {
            Map<String, Partitions> result = new HashMap<>();
            shares.forEach((memberId, share) -> {
                Partitions.Builder partitions = Partitions.builder();
                share.forEach(placed -> partitions.add(placed.topic(), placed.partition()));
                result.put(memberId, partitions.build());
            });
            return result;
        }
    }
}
