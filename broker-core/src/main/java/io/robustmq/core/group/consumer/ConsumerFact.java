package io.robustmq.core.group.consumer;

import java.util.List;

/** What of a group survives its coordinator, as Kafka divides it into records. */
public sealed interface ConsumerFact {
    String groupId();

    /** Members, subscriptions or topics changed. {@code metadataHash} is that of the topics subscribed to. */
    record EpochBumped(String groupId, int epoch, long metadataHash) implements ConsumerFact {}

    /** A member as it is now. */
    record MemberChanged(String groupId, ConsumerMember member) implements ConsumerFact {}

    /** The targets of all members belong to this epoch of the group. */
    record TargetsReached(String groupId, int epoch, long atMs) implements ConsumerFact {}

    /** What a member shall have. */
    record TargetChanged(String groupId, String memberId, Partitions target) implements ConsumerFact {}

    /** What a member has. */
    record AssignmentChanged(String groupId, String memberId, MemberAssignment assignment) implements ConsumerFact {}

    /** The topics that a regular expression matches, as of an index of the metadata. */
    record RegexResolved(String groupId, String regex, List<String> topics, long metaIndex, long atMs)
            implements ConsumerFact {
        public RegexResolved {
            topics = List.copyOf(topics);
        }
    }

    /** One of the above is no more. {@code name} is that of the member or the expression, else empty. */
    record Erased(String groupId, Kind kind, String name) implements ConsumerFact {}

    /** What can be erased. */
    enum Kind {
        GROUP,
        MEMBER,
        TARGETS,
        TARGET,
        ASSIGNMENT,
        REGEX
    }
}
