package io.robustmq.core.group.consumer;

import io.robustmq.core.meta.MetaImage;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a member says of itself. Null means: as before.
 *
 * @param memberEpoch 0 to join, {@link #LEAVES} or {@link #LEAVES_FOR_A_WHILE} to leave
 * @param owned what the member consumes now
 */
public record ConsumerHeartbeat(
        String groupId,
        String memberId,
        int memberEpoch,
        @Nullable String instanceId,
        Wishes wishes,
        @Nullable Partitions owned,
        Origin origin) {
    public static final int LEAVES = -1;
    public static final int LEAVES_FOR_A_WHILE = -2;

    /** {@code rebalanceTimeoutMs} is -1 for as before; an empty expression is none. */
    public record Wishes(
            @Nullable String rackId,
            int rebalanceTimeoutMs,
            @Nullable List<String> topicNames,
            @Nullable String topicRegex,
            @Nullable String assignor) {
        boolean areNone() {
            return rackId == null
                    && rebalanceTimeoutMs < 0
                    && topicNames == null
                    && topicRegex == null
                    && assignor == null;
        }

        /** Characters, roughly. */
        public long size() {
            long size = topicRegex == null ? 0 : topicRegex.length();
            if (topicNames != null) {
                for (String name : topicNames) {
                    size += name.length();
                }
            }
            return size;
        }
    }

    /**
     * Where it comes from.
     *
     * @param image the metadata as the member's node knows it
     * @param visible topics that a regular expression of this member may find
     */
    public record Origin(String clientId, String clientHost, MetaImage image, Predicate<String> visible) {}

    boolean joins() {
        return memberEpoch == 0;
    }

    boolean leaves() {
        return memberEpoch == LEAVES || memberEpoch == LEAVES_FOR_A_WHILE;
    }

    /** Everything is said, so everything is answered. */
    boolean isFull() {
        return joins()
                || (wishes.rebalanceTimeoutMs() >= 0
                        && owned != null
                        && (wishes.topicNames() != null || wishes.topicRegex() != null));
    }

    /** Why the request is not valid, empty if it is. */
    String complaint() {
        if (groupId.isEmpty()) {
            return "GroupId can't be empty.";
        }
        if (isEmpty(instanceId) || isEmpty(wishes.rackId())) {
            return "InstanceId and RackId can't be empty.";
        }
        if (memberId.isEmpty()) {
            return "MemberId can't be empty.";
        }
        if (memberEpoch < LEAVES_FOR_A_WHILE) {
            return "MemberEpoch is invalid.";
        }
        if (memberEpoch == LEAVES_FOR_A_WHILE && instanceId == null) {
            return "InstanceId can't be null.";
        }
        return joins() ? complaintOfJoin() : "";
    }

    private String complaintOfJoin() {
        String regex = wishes.topicRegex();
        if (wishes.rebalanceTimeoutMs() < 0) {
            return "RebalanceTimeoutMs must be provided in first request.";
        }
        if (owned == null || !owned.isEmpty()) {
            return "TopicPartitions must be empty when (re-)joining.";
        }
        if (wishes.topicNames() == null && (regex == null || regex.isEmpty())) {
            return "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.";
        }
        return "";
    }

    private static boolean isEmpty(@Nullable String text) {
        return text != null && text.isEmpty();
    }
}
