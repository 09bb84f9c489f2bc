package io.robustmq.kafka;

import io.robustmq.core.error.BrokerError;
import org.apache.kafka.common.protocol.Errors;

/**
 * The broker's refusals in Kafka's words. A state that passes by itself is never UNKNOWN_SERVER_ERROR: producers answer
 * that one with duplicates (KAFKA-14034).
 */
public final class ErrorCodes {
    private ErrorCodes() {}

    public static short code(BrokerError error) {
        return of(error).code();
    }

    public static Errors of(BrokerError error) {
        return switch (error) {
            case NONE -> Errors.NONE;
            case UNKNOWN_TOPIC_OR_PARTITION -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case UNKNOWN_TOPIC_ID -> Errors.UNKNOWN_TOPIC_ID;
            case TOPIC_ALREADY_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
            case INVALID_TOPIC -> Errors.INVALID_TOPIC_EXCEPTION;
            case INVALID_PARTITIONS -> Errors.INVALID_PARTITIONS;
            case INVALID_REPLICATION_FACTOR -> Errors.INVALID_REPLICATION_FACTOR;
            case INVALID_REPLICA_ASSIGNMENT -> Errors.INVALID_REPLICA_ASSIGNMENT;
            case INVALID_CONFIG -> Errors.INVALID_CONFIG;
            case INVALID_REQUEST, UNSUPPORTED -> Errors.INVALID_REQUEST;
            case POLICY_VIOLATION, TOPIC_LIMIT_REACHED -> Errors.POLICY_VIOLATION;
            case NOT_LEADER -> Errors.NOT_LEADER_OR_FOLLOWER;
            case LEADER_NOT_AVAILABLE -> Errors.LEADER_NOT_AVAILABLE;
            case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
            case UNKNOWN_LEADER_EPOCH -> Errors.UNKNOWN_LEADER_EPOCH;
            case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
            case OFFSET_NOT_AVAILABLE -> Errors.OFFSET_NOT_AVAILABLE;
            case CORRUPT_MESSAGE -> Errors.CORRUPT_MESSAGE;
            case INVALID_RECORD -> Errors.INVALID_RECORD;
            case INVALID_TIMESTAMP -> Errors.INVALID_TIMESTAMP;
            case MESSAGE_TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case RECORD_LIST_TOO_LARGE -> Errors.RECORD_LIST_TOO_LARGE;
            case UNSUPPORTED_FOR_MESSAGE_FORMAT -> Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT;
            case UNSUPPORTED_COMPRESSION -> Errors.UNSUPPORTED_COMPRESSION_TYPE;
            case INVALID_REQUIRED_ACKS -> Errors.INVALID_REQUIRED_ACKS;
            // As Kafka tells producers who should simply try again.
            case NOT_ENOUGH_REPLICAS, TRANSACTION_NOT_VERIFIED -> Errors.NOT_ENOUGH_REPLICAS;
            case NOT_ENOUGH_REPLICAS_AFTER_APPEND -> Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case DUPLICATE_SEQUENCE -> Errors.DUPLICATE_SEQUENCE_NUMBER;
            case INVALID_PRODUCER_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
            case UNKNOWN_PRODUCER_ID -> Errors.UNKNOWN_PRODUCER_ID;
            case INVALID_TXN_STATE -> Errors.INVALID_TXN_STATE;
            case TRANSACTION_ABORTABLE -> Errors.TRANSACTION_ABORTABLE;
            case CONCURRENT_TRANSACTIONS -> Errors.CONCURRENT_TRANSACTIONS;
            case PRODUCER_FENCED -> Errors.PRODUCER_FENCED;
            case INVALID_PRODUCER_ID_MAPPING -> Errors.INVALID_PRODUCER_ID_MAPPING;
            case INVALID_TRANSACTION_TIMEOUT -> Errors.INVALID_TRANSACTION_TIMEOUT;
            case TRANSACTION_COORDINATOR_FENCED -> Errors.TRANSACTION_COORDINATOR_FENCED;
            case TRANSACTIONAL_ID_NOT_FOUND -> Errors.TRANSACTIONAL_ID_NOT_FOUND;
            case TRANSACTIONAL_ID_AUTHORIZATION_FAILED -> Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
            case OPERATION_NOT_ATTEMPTED -> Errors.OPERATION_NOT_ATTEMPTED;
            case UNSTABLE_OFFSET_COMMIT -> Errors.UNSTABLE_OFFSET_COMMIT;
            case REQUEST_TIMED_OUT -> Errors.REQUEST_TIMED_OUT;
            case STORAGE_FULL, STORAGE_ERROR -> Errors.KAFKA_STORAGE_ERROR;
            case COORDINATOR_NOT_AVAILABLE -> Errors.COORDINATOR_NOT_AVAILABLE;
            case COORDINATOR_LOADING -> Errors.COORDINATOR_LOAD_IN_PROGRESS;
            case NOT_COORDINATOR -> Errors.NOT_COORDINATOR;
            case INVALID_GROUP_ID -> Errors.INVALID_GROUP_ID;
            case GROUP_ID_NOT_FOUND -> Errors.GROUP_ID_NOT_FOUND;
            case NON_EMPTY_GROUP -> Errors.NON_EMPTY_GROUP;
            case UNKNOWN_MEMBER_ID -> Errors.UNKNOWN_MEMBER_ID;
            case MEMBER_ID_REQUIRED -> Errors.MEMBER_ID_REQUIRED;
            case ILLEGAL_GENERATION -> Errors.ILLEGAL_GENERATION;
            case INCONSISTENT_GROUP_PROTOCOL -> Errors.INCONSISTENT_GROUP_PROTOCOL;
            case REBALANCE_IN_PROGRESS -> Errors.REBALANCE_IN_PROGRESS;
            case INVALID_SESSION_TIMEOUT -> Errors.INVALID_SESSION_TIMEOUT;
            case GROUP_MAX_SIZE_REACHED -> Errors.GROUP_MAX_SIZE_REACHED;
            case FENCED_INSTANCE_ID -> Errors.FENCED_INSTANCE_ID;
            case OFFSET_METADATA_TOO_LARGE -> Errors.OFFSET_METADATA_TOO_LARGE;
            case FENCED_MEMBER_EPOCH -> Errors.FENCED_MEMBER_EPOCH;
            case STALE_MEMBER_EPOCH -> Errors.STALE_MEMBER_EPOCH;
            case UNRELEASED_INSTANCE_ID -> Errors.UNRELEASED_INSTANCE_ID;
            case UNSUPPORTED_ASSIGNOR -> Errors.UNSUPPORTED_ASSIGNOR;
            case INVALID_REGULAR_EXPRESSION -> Errors.INVALID_REGULAR_EXPRESSION;
            case GROUP_SUBSCRIBED_TO_TOPIC -> Errors.GROUP_SUBSCRIBED_TO_TOPIC;
            case INVALID_RECORD_STATE -> Errors.INVALID_RECORD_STATE;
            case FETCH_SESSION_ID_NOT_FOUND -> Errors.FETCH_SESSION_ID_NOT_FOUND;
            case INVALID_FETCH_SESSION_EPOCH -> Errors.INVALID_FETCH_SESSION_EPOCH;
            case TOPIC_AUTHORIZATION_FAILED -> Errors.TOPIC_AUTHORIZATION_FAILED;
            case GROUP_AUTHORIZATION_FAILED -> Errors.GROUP_AUTHORIZATION_FAILED;
            case CLUSTER_AUTHORIZATION_FAILED -> Errors.CLUSTER_AUTHORIZATION_FAILED;
            case USER_NOT_FOUND -> Errors.RESOURCE_NOT_FOUND;
            case QUOTA_EXCEEDED, OVERLOADED -> Errors.THROTTLING_QUOTA_EXCEEDED;
            case STALE_INCARNATION -> Errors.STALE_BROKER_EPOCH;
            case NOT_META_LEADER -> Errors.NOT_CONTROLLER;
            case UNSUPPORTED_VERSION -> Errors.UNSUPPORTED_VERSION;
            case UNEXPECTED -> Errors.UNKNOWN_SERVER_ERROR;
        };
    }
}
