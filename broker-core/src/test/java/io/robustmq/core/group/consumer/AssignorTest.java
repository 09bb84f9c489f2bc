package io.robustmq.core.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.group.consumer.Assignor.Question;
import io.robustmq.core.group.consumer.Assignor.Subscriber;
import io.robustmq.core.model.TopicId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AssignorTest {
    private static final TopicId A = new TopicId(0, 1);
    private static final TopicId B = new TopicId(0, 2);
    private static final Assignor UNIFORM = new UniformAssignor();
    private static final Assignor RANGE = new RangeAssignor();

    private final SortedMap<String, Subscriber> members = new TreeMap<>();
    private final SortedMap<TopicId, Integer> topics = new TreeMap<>(Partitions.BY_ID);

    private void member(String memberId, Partitions target, TopicId... wanted) {
        members.put(memberId, new Subscriber(memberId, Set.of(wanted), target));
    }

    private static Partitions of(TopicId topic, int... numbers) {
        Partitions.Builder builder = Partitions.builder();
        for (int number : numbers) {
            builder.add(topic, number);
        }
        return builder.build();
    }

    @Test
    void rangeGivesNeighboursAndTheFirstOnesOneMore() {
        topics.put(A, 5);
        topics.put(B, 2);
        member("m1", Partitions.NONE, A, B);
        member("m2", Partitions.NONE, A, B);
        Map<String, Partitions> shares = RANGE.assign(new Question(members, topics));
        assertThat(shares.get("m1")).isEqualTo(of(A, 0, 1, 2).plus(of(B, 0)));
        assertThat(shares.get("m2")).isEqualTo(of(A, 3, 4).plus(of(B, 1)));
    }

    @Test
    void uniformKeepsWhatMembersHaveAndMovesNoMoreThanNeeded() {
        topics.put(A, 6);
        member("m1", of(A, 0, 1, 2), A);
        member("m2", of(A, 3, 4, 5), A);
        member("m3", Partitions.NONE, A);
        Map<String, Partitions> shares = UNIFORM.assign(new Question(members, topics));
        assertThat(shares.get("m1")).isEqualTo(of(A, 0, 1));
        assertThat(shares.get("m2")).isEqualTo(of(A, 3, 4));
        assertThat(shares.get("m3")).isEqualTo(of(A, 2, 5));
    }

    @Test
    void uniformDoesNotGiveWhatIsNotSubscribedToOrNotThere() {
        topics.put(A, 2);
        topics.put(B, 3);
        member("m1", of(A, 0, 1, 7), A, B);
        member("m2", of(A, 0), B);
        Map<String, Partitions> shares = UNIFORM.assign(new Question(members, topics));
        assertThat(shares.get("m1").and(of(A, 0, 1))).isEqualTo(of(A, 0, 1));
        assertThat(shares.get("m1").plus(shares.get("m2")))
                .isEqualTo(of(A, 0, 1).plus(of(B, 0, 1, 2)));
        assertThat(shares.get("m1").count()).isEqualTo(3);
        assertThat(of(B, 0, 1, 2).containsAll(shares.get("m2"))).isTrue();
    }

    @Test
    void everyPartitionWithASubscriberHasOneOwnerWhateverTheQuestion() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            members.clear();
            topics.clear();
            for (int i = 0; i < random.nextInt(5); i++) {
                topics.put(new TopicId(0, i), 1 + random.nextInt(9));
            }
            for (int i = 0; i <= random.nextInt(6); i++) {
                Set<TopicId> wanted = new HashSet<>();
                topics.keySet().forEach(topic -> {
                    if (random.nextBoolean()) {
                        wanted.add(topic);
                    }
                });
                members.put("m" + i, new Subscriber("m" + i, wanted, Partitions.NONE));
            }
            for (Assignor assignor : List.of(UNIFORM, RANGE)) {
                check(assignor, seed);
            }
        }
    }

    private void check(Assignor assignor, long seed) {
        Map<String, Partitions> shares = assignor.assign(new Question(members, topics));
        assertThat(shares.keySet()).as("seed %s", seed).isEqualTo(members.keySet());
        Map<TopicId, Set<Integer>> owned = new HashMap<>();
        shares.forEach((memberId, share) -> share.forEach((topic, partition, epoch) -> {
            assertThat(members.get(memberId).topics()).as("seed %s", seed).contains(topic);
            assertThat(owned.computeIfAbsent(topic, id -> new HashSet<>()).add(partition))
                    .as("seed %s: one owner", seed)
                    .isTrue();
        }));
        topics.forEach((topic, count) -> {
            boolean wanted =
                    members.values().stream().anyMatch(member -> member.topics().contains(topic));
            assertThat(owned.getOrDefault(topic, Set.of())).as("seed %s", seed).hasSize(wanted ? count : 0);
        });
    }
}
