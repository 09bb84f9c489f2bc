package io.robustmq.kafka.pass;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs that coordinators answer, and where in a request the key is. Stateless. */
final class Routes {
    private Routes() {}

    /** Which node leads a partition. */
    @FunctionalInterface
    interface Leaders {
        int of(String topic, int partition);
    }

    static Map<ApiKeys, Route> of(PassingBroker.Homes groups, PassingBroker.Homes transactions, Leaders leaders) {
        Map<ApiKeys, Route> routes = new EnumMap<>(ApiKeys.class);
        addGroups(routes, groups);
        addOffsets(routes, groups);
        addShares(routes, groups);
        addTransactions(routes, transactions);
        routes.put(ApiKeys.WRITE_TXN_MARKERS, new MarkersRoute(leaders));
        return routes;
    }

    private static void addGroups(Map<ApiKeys, Route> routes, PassingBroker.Homes groups) {
        routes.put(ApiKeys.JOIN_GROUP, Route.ofKey(groups, JoinGroupRequestData.class, JoinGroupRequestData::groupId));
        routes.put(ApiKeys.SYNC_GROUP, Route.ofKey(groups, SyncGroupRequestData.class, SyncGroupRequestData::groupId));
        routes.put(ApiKeys.HEARTBEAT, Route.ofKey(groups, HeartbeatRequestData.class, HeartbeatRequestData::groupId));
        routes.put(
                ApiKeys.LEAVE_GROUP, Route.ofKey(groups, LeaveGroupRequestData.class, LeaveGroupRequestData::groupId));
        routes.put(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                Route.ofKey(
                        groups, ConsumerGroupHeartbeatRequestData.class, ConsumerGroupHeartbeatRequestData::groupId));
        routes.put(
                ApiKeys.DESCRIBE_GROUPS,
                Route.ofKeys(
                        groups,
                        DescribeGroupsRequestData.class,
                        DescribeGroupsRequestData::groups,
                        Function.identity(),
                        DescribeGroupsRequestData::setGroups,
                        DescribeGroupsResponseData.class,
                        (answer, next) -> answer.groups().addAll(next.groups())));
        routes.put(
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                Route.ofKeys(
                        groups,
                        ConsumerGroupDescribeRequestData.class,
                        ConsumerGroupDescribeRequestData::groupIds,
                        Function.identity(),
                        ConsumerGroupDescribeRequestData::setGroupIds,
                        ConsumerGroupDescribeResponseData.class,
                        (answer, next) -> answer.groups().addAll(next.groups())));
        routes.put(
                ApiKeys.DELETE_GROUPS,
                Route.ofKeys(
                        groups,
                        DeleteGroupsRequestData.class,
                        DeleteGroupsRequestData::groupsNames,
                        Function.identity(),
                        DeleteGroupsRequestData::setGroupsNames,
                        DeleteGroupsResponseData.class,
                        (answer, next) ->
                                next.results().forEach(each -> answer.results().add(each.duplicate()))));
        routes.put(ApiKeys.LIST_GROUPS, Route.ofAll(groups, ListGroupsResponseData.class, (answer, next) -> {
            answer.setErrorCode(answer.errorCode() == 0 ? next.errorCode() : answer.errorCode());
            answer.groups().addAll(next.groups());
        }));
    }

    private static void addOffsets(Map<ApiKeys, Route> routes, PassingBroker.Homes groups) {
        routes.put(
                ApiKeys.OFFSET_COMMIT,
                Route.ofKey(groups, OffsetCommitRequestData.class, OffsetCommitRequestData::groupId));
        routes.put(
                ApiKeys.OFFSET_DELETE,
                Route.ofKey(groups, OffsetDeleteRequestData.class, OffsetDeleteRequestData::groupId));
        routes.put(
                ApiKeys.TXN_OFFSET_COMMIT,
                Route.ofKey(groups, TxnOffsetCommitRequestData.class, TxnOffsetCommitRequestData::groupId));
        Route one = Route.ofKey(groups, OffsetFetchRequestData.class, OffsetFetchRequestData::groupId);
        Route several = Route.ofKeys(
                groups,
                OffsetFetchRequestData.class,
                OffsetFetchRequestData::groups,
                OffsetFetchRequestData.OffsetFetchRequestGroup::groupId,
                OffsetFetchRequestData::setGroups,
                OffsetFetchResponseData.class,
                (answer, next) -> answer.groups().addAll(next.groups()));
        routes.put(
                ApiKeys.OFFSET_FETCH,
                new Route.Simple(
                        body -> ((OffsetFetchRequestData) body).groups().isEmpty()
                                ? one.parts(body)
                                : several.parts(body),
                        several::merge,
                        true));
    }

    /** What members fetch and acknowledge is not passed on: a share session belongs to the broker that the member is connected to. */
    private static void addShares(Map<ApiKeys, Route> routes, PassingBroker.Homes groups) {
        routes.put(
                ApiKeys.SHARE_GROUP_HEARTBEAT,
                Route.ofKey(groups, ShareGroupHeartbeatRequestData.class, ShareGroupHeartbeatRequestData::groupId));
        routes.put(
                ApiKeys.SHARE_GROUP_DESCRIBE,
                Route.ofKeys(
                        groups,
                        ShareGroupDescribeRequestData.class,
                        ShareGroupDescribeRequestData::groupIds,
                        Function.identity(),
                        ShareGroupDescribeRequestData::setGroupIds,
                        ShareGroupDescribeResponseData.class,
                        (answer, next) -> answer.groups().addAll(next.groups())));
        routes.put(
                ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS,
                Route.ofKeys(
                        groups,
                        DescribeShareGroupOffsetsRequestData.class,
                        DescribeShareGroupOffsetsRequestData::groups,
                        DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup::groupId,
                        DescribeShareGroupOffsetsRequestData::setGroups,
                        DescribeShareGroupOffsetsResponseData.class,
                        (answer, next) -> answer.groups().addAll(next.groups())));
        routes.put(
                ApiKeys.ALTER_SHARE_GROUP_OFFSETS,
                Route.ofKey(
                        groups, AlterShareGroupOffsetsRequestData.class, AlterShareGroupOffsetsRequestData::groupId));
        routes.put(
                ApiKeys.DELETE_SHARE_GROUP_OFFSETS,
                Route.ofKey(
                        groups, DeleteShareGroupOffsetsRequestData.class, DeleteShareGroupOffsetsRequestData::groupId));
    }

    private static void addTransactions(Map<ApiKeys, Route> routes, PassingBroker.Homes transactions) {
        routes.put(
                ApiKeys.INIT_PRODUCER_ID,
                Route.ofKey(transactions, InitProducerIdRequestData.class, InitProducerIdRequestData::transactionalId));
        routes.put(
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                Route.ofKey(
                        transactions,
                        AddPartitionsToTxnRequestData.class,
                        AddPartitionsToTxnRequestData::v3AndBelowTransactionalId));
        routes.put(
                ApiKeys.ADD_OFFSETS_TO_TXN,
                Route.ofKey(
                        transactions, AddOffsetsToTxnRequestData.class, AddOffsetsToTxnRequestData::transactionalId));
        routes.put(
                ApiKeys.END_TXN,
                Route.ofKey(transactions, EndTxnRequestData.class, EndTxnRequestData::transactionalId));
        routes.put(
                ApiKeys.DESCRIBE_TRANSACTIONS,
                Route.ofKeys(
                        transactions,
                        DescribeTransactionsRequestData.class,
                        DescribeTransactionsRequestData::transactionalIds,
                        Function.identity(),
                        DescribeTransactionsRequestData::setTransactionalIds,
                        DescribeTransactionsResponseData.class,
                        (answer, next) -> answer.transactionStates().addAll(next.transactionStates())));
        routes.put(
                ApiKeys.LIST_TRANSACTIONS,
                Route.ofAll(transactions, ListTransactionsResponseData.class, (answer, next) -> {
                    answer.setErrorCode(answer.errorCode() == 0 ? next.errorCode() : answer.errorCode());
                    answer.transactionStates().addAll(next.transactionStates());
                }));
    }
}
