package io.robustmq.core.group.consumer;

import io.robustmq.core.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** Divides the partitions of topics among the members that subscribe to them. Pure: the same answer to the same question. */
interface Assignor {
    /** As members name it. */
    String name();

    /** What each member shall have; every member of the question is in the answer. */
    Map<String, Partitions> assign(Question question);

    /**
     * Who wants what.
     *
     * @param members by id
     * @param partitions how many each topic has
     */
    record Question(SortedMap<String, Subscriber> members, SortedMap<TopicId, Integer> partitions) {}

    /** A member, the topics it subscribes to, and what it should have had until now. */
    record Subscriber(String sortsAs, Set<TopicId> topics, Partitions target) {}

    /** The ones that there are; the first is taken when nobody asks for another. */
    List<Assignor> ALL = List.of(new UniformAssignor(), new RangeAssignor());
}
