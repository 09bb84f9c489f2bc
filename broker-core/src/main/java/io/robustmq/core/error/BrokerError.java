package io.robustmq.core.error;

/** Every expected refusal, whatever the protocol. {@link #retriable} says whether the same request may succeed later. */
public enum BrokerError {
    NONE(false, "no error"),
    UNKNOWN_TOPIC_OR_PARTITION(true, "this node does not host the topic or partition"),
    UNKNOWN_TOPIC_ID(true, "no topic has this id"),
    TOPIC_ALREADY_EXISTS(false, "a topic with this name exists"),
    INVALID_TOPIC(false, "the topic name is not legal"),
    INVALID_PARTITIONS(false, "the number of partitions is out of range"),
    INVALID_REPLICATION_FACTOR(false, "the replication factor is larger than the number of nodes, or below 1"),
    INVALID_REPLICA_ASSIGNMENT(false, "the replica assignment is not valid"),
    INVALID_CONFIG(false, "the configuration is not valid"),
    INVALID_REQUEST(false, "the request is not valid"),
    POLICY_VIOLATION(false, "the request violates a policy"),
    TOPIC_LIMIT_REACHED(false, "the configured number of topics exists"),
    NOT_LEADER(true, "this node does not lead the partition"),
    LEADER_NOT_AVAILABLE(true, "the partition has no leader now"),
    FENCED_LEADER_EPOCH(true, "the leader epoch is older than the partition's"),
    UNKNOWN_LEADER_EPOCH(true, "the leader epoch is newer than the partition's"),
    OFFSET_OUT_OF_RANGE(false, "the offset lies outside the log"),
    OFFSET_NOT_AVAILABLE(true, "the offset is not known to be committed here yet"),
    CORRUPT_MESSAGE(true, "a batch fails its checksum or is not well formed"),
    INVALID_RECORD(false, "a record breaks the topic's rules"),
    INVALID_TIMESTAMP(false, "a timestamp is out of the topic's bounds"),
    MESSAGE_TOO_LARGE(false, "a batch exceeds max.message.bytes"),
    RECORD_LIST_TOO_LARGE(false, "the request's records exceed the segment size"),
    UNSUPPORTED_FOR_MESSAGE_FORMAT(false, "the batch format is too old"),
    UNSUPPORTED_COMPRESSION(false, "the compression type is not supported"),
    INVALID_REQUIRED_ACKS(false, "acks must be -1, 0 or 1"),
    NOT_ENOUGH_REPLICAS(true, "fewer replicas are in sync than min.insync.replicas"),
    NOT_ENOUGH_REPLICAS_AFTER_APPEND(true, "it was appended, but too few replicas are in sync by now"),
    OUT_OF_ORDER_SEQUENCE(false, "a producer's sequence number skips"),
    DUPLICATE_SEQUENCE(false, "the batch was appended before, too long ago to tell its offset"),
    INVALID_PRODUCER_EPOCH(false, "a newer producer epoch exists"),
    UNKNOWN_PRODUCER_ID(false, "the producer id is not known"),
    INVALID_TXN_STATE(false, "the transaction is not in a state for this"),
    TRANSACTION_NOT_VERIFIED(true, "the coordinator was not asked whether the transaction includes the partition"),
    TRANSACTION_ABORTABLE(false, "the transaction must be aborted"),
    CONCURRENT_TRANSACTIONS(true, "an earlier transaction of the producer is being completed"),
    PRODUCER_FENCED(false, "a newer producer uses the transactional id"),
    INVALID_PRODUCER_ID_MAPPING(false, "the transactional id is not known, or has another producer id"),
    INVALID_TRANSACTION_TIMEOUT(false, "the transaction timeout is not above 0 or exceeds transaction.max.timeout.ms"),
    TRANSACTION_COORDINATOR_FENCED(false, "a newer coordinator of the transaction exists"),
    TRANSACTIONAL_ID_NOT_FOUND(false, "the transactional id is not known"),
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED(false, "not authorised for the transactional id"),
    OPERATION_NOT_ATTEMPTED(false, "not attempted, because another part of the request failed"),
    UNSTABLE_OFFSET_COMMIT(true, "the partition's offset is part of a transaction that is not complete"),
    REQUEST_TIMED_OUT(true, "the request timed out"),
    STORAGE_FULL(true, "the disk is full; appends resume when there is room"),
    STORAGE_ERROR(true, "the storage failed; the partition is offline"),
    COORDINATOR_NOT_AVAILABLE(true, "the coordinator is not available"),
    COORDINATOR_LOADING(true, "the coordinator is loading"),
    NOT_COORDINATOR(true, "this node is not the coordinator"),
    INVALID_GROUP_ID(false, "the group id is not valid"),
    GROUP_ID_NOT_FOUND(false, "the group does not exist"),
    NON_EMPTY_GROUP(false, "the group has members"),
    UNKNOWN_MEMBER_ID(false, "the member is not known"),
    MEMBER_ID_REQUIRED(false, "the member must join again with the given id"),
    ILLEGAL_GENERATION(false, "the generation is not the group's"),
    INCONSISTENT_GROUP_PROTOCOL(false, "the member's protocols do not fit the group's"),
    REBALANCE_IN_PROGRESS(false, "the group is rebalancing"),
    INVALID_SESSION_TIMEOUT(false, "the session timeout is out of the allowed range"),
    GROUP_MAX_SIZE_REACHED(false, "the group is full"),
    FENCED_INSTANCE_ID(false, "another member uses this group instance id"),
    OFFSET_METADATA_TOO_LARGE(false, "the offset's metadata is too large"),
    FENCED_MEMBER_EPOCH(false, "the member's epoch is not the one it was given"),
    STALE_MEMBER_EPOCH(false, "the member's epoch is older than its assignment"),
    UNRELEASED_INSTANCE_ID(false, "another member still uses this group instance id"),
    UNSUPPORTED_ASSIGNOR(false, "there is no such assignor"),
    INVALID_REGULAR_EXPRESSION(false, "the regular expression is not valid"),
    GROUP_SUBSCRIBED_TO_TOPIC(false, "the group subscribes to the topic"),
    INVALID_RECORD_STATE(false, "the member does not have the records, or not any more"),
    FETCH_SESSION_ID_NOT_FOUND(true, "the fetch session does not exist"),
    INVALID_FETCH_SESSION_EPOCH(true, "the fetch session epoch is not the expected one"),
    TOPIC_AUTHORIZATION_FAILED(false, "not authorised for the topic"),
    GROUP_AUTHORIZATION_FAILED(false, "not authorised for the group"),
    CLUSTER_AUTHORIZATION_FAILED(false, "not authorised for the cluster"),
    USER_NOT_FOUND(false, "the user or its credential does not exist"),
    QUOTA_EXCEEDED(true, "a quota is exceeded"),
    OVERLOADED(true, "a queue is full; try again"),
    STALE_INCARNATION(false, "a newer incarnation of this node is registered"),
    NOT_META_LEADER(true, "the meta service has no leader here"),
    UNSUPPORTED_VERSION(false, "the version is not supported"),
    UNSUPPORTED(false, "not supported by this broker"),
    UNEXPECTED(false, "the broker failed; see its log");

    private final boolean retriable;
    private final String text;

    BrokerError(boolean retriable, String text) {
        this.retriable = retriable;
        this.text = text;
    }

    public boolean retriable() {
        return retriable;
    }

    /** One sentence for a person, without a full stop. */
    public String text() {
        return text;
    }
}
