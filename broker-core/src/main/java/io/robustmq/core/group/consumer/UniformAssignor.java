package io.robustmq.core.group.consumer;

import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
        /** In the order of the members' ids. */
        private final List<Share> shares = new ArrayList<>();

        private final Map<TopicId, List<Share>> subscribers = new HashMap<>();
        private final Map<TopicId, boolean[]> taken = new HashMap<>();

        private record Placed(TopicId topic, int partition) {}

        /** What one member gets. */
        private record Share(String memberId, Subscriber member, List<Placed> placed) {
            int size() {
                return placed.size();
            }
        }

        Shares(Question question) {
            this.question = question;
            question.partitions().forEach((topic, count) -> taken.put(topic, new boolean[count]));
            question.members().forEach((memberId, member) -> {
                Share share = new Share(memberId, member, new ArrayList<>());
                shares.add(share);
                for (TopicId topic : member.topics()) {
                    subscribers.computeIfAbsent(topic, id -> new ArrayList<>()).add(share);
                }
            });
        }

        void keep() {
            for (Share share : shares) {
                share.member().target().forEach((topic, partition, epoch) -> {
                    boolean[] ofTopic = taken.get(topic);
                    if (ofTopic != null
                            && partition < ofTopic.length
                            && !ofTopic[partition]
                            && share.member().topics().contains(topic)) {
                        ofTopic[partition] = true;
                        share.placed().add(new Placed(topic, partition));
                    }
                });
            }
        }

        /** Topics with few subscribers first: their partitions have less choice. */
        void handOut() {
            List<TopicId> topics = new ArrayList<>(question.partitions().keySet());
            topics.sort((a, b) -> Integer.compare(of(a).size(), of(b).size()));
            for (TopicId topic : topics) {
                boolean[] ofTopic = taken.getOrDefault(topic, new boolean[0]);
                for (int partition = 0; partition < ofTopic.length && !of(topic).isEmpty(); partition++) {
                    if (!ofTopic[partition]) {
                        least(topic).placed().add(new Placed(topic, partition));
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
                for (Share share : shares) {
                    smallest = Math.min(smallest, share.size());
                }
                for (Share share : shares) {
                    if (share.size() >= smallest + 2) {
                        moved |= give(share);
                    }
                }
            }
        }

        private boolean give(Share share) {
            boolean moved = false;
            // No subscriber of these has at least two fewer, nor will it: this share only shrinks, the others only
            // grow.
            Set<TopicId> kept = new HashSet<>();
            for (int i = share.size() - 1; i >= 0; i--) {
                Placed placed = share.placed().get(i);
                if (kept.contains(placed.topic())) {
                    continue;
                }
                Share smallest = least(placed.topic());
                if (smallest.size() + 2 <= share.size()) {
                    share.placed().remove(i);
                    smallest.placed().add(placed);
                    moved = true;
                } else {
                    kept.add(placed.topic());
                }
            }
            return moved;
        }

        private List<Share> of(TopicId topic) {
            return subscribers.getOrDefault(topic, List.of());
        }

        private Share least(TopicId topic) {
            List<Share> candidates = of(topic);
            Share least = candidates.get(0);
            for (Share candidate : candidates) {
                if (candidate.size() < least.size()) {
                    least = candidate;
                }
            }
            return least;
        }

        Map<String, Partitions> result() {
            Map<String, Partitions> result = new HashMap<>();
            for (Share share : shares) {
                Partitions.Builder partitions = Partitions.builder();
                share.placed().forEach(placed -> partitions.add(placed.topic(), placed.partition()));
                result.put(share.memberId(), partitions.build());
            }
            return result;
        }
    }
}
