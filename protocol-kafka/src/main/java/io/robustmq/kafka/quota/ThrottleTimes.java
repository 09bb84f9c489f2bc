package io.robustmq.kafka.quota;

import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateDelegationTokenResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeDelegationTokenResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.ExpireDelegationTokenResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsResponseData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.PushTelemetryResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.message.RenewDelegationTokenResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Where an answer says how long its client is over its quota: each generated class has the field, and none a common type. Stateless. */
public final class ThrottleTimes {
    private static final Map<Class<?>, ObjIntConsumer<ApiMessage>> SETTERS = Map.ofEntries(
            of(ProduceResponseData.class, ProduceResponseData::setThrottleTimeMs),
            of(FetchResponseData.class, FetchResponseData::setThrottleTimeMs),
            of(ListOffsetsResponseData.class, ListOffsetsResponseData::setThrottleTimeMs),
            of(MetadataResponseData.class, MetadataResponseData::setThrottleTimeMs),
            of(OffsetCommitResponseData.class, OffsetCommitResponseData::setThrottleTimeMs),
            of(OffsetFetchResponseData.class, OffsetFetchResponseData::setThrottleTimeMs),
            of(FindCoordinatorResponseData.class, FindCoordinatorResponseData::setThrottleTimeMs),
            of(JoinGroupResponseData.class, JoinGroupResponseData::setThrottleTimeMs),
            of(HeartbeatResponseData.class, HeartbeatResponseData::setThrottleTimeMs),
            of(LeaveGroupResponseData.class, LeaveGroupResponseData::setThrottleTimeMs),
            of(SyncGroupResponseData.class, SyncGroupResponseData::setThrottleTimeMs),
            of(DescribeGroupsResponseData.class, DescribeGroupsResponseData::setThrottleTimeMs),
            of(ListGroupsResponseData.class, ListGroupsResponseData::setThrottleTimeMs),
            of(ApiVersionsResponseData.class, ApiVersionsResponseData::setThrottleTimeMs),
            of(CreateTopicsResponseData.class, CreateTopicsResponseData::setThrottleTimeMs),
            of(DeleteTopicsResponseData.class, DeleteTopicsResponseData::setThrottleTimeMs),
            of(DeleteRecordsResponseData.class, DeleteRecordsResponseData::setThrottleTimeMs),
            of(InitProducerIdResponseData.class, InitProducerIdResponseData::setThrottleTimeMs),
            of(OffsetForLeaderEpochResponseData.class, OffsetForLeaderEpochResponseData::setThrottleTimeMs),
            of(AddPartitionsToTxnResponseData.class, AddPartitionsToTxnResponseData::setThrottleTimeMs),
            of(AddOffsetsToTxnResponseData.class, AddOffsetsToTxnResponseData::setThrottleTimeMs),
            of(EndTxnResponseData.class, EndTxnResponseData::setThrottleTimeMs),
            of(TxnOffsetCommitResponseData.class, TxnOffsetCommitResponseData::setThrottleTimeMs),
            of(DescribeConfigsResponseData.class, DescribeConfigsResponseData::setThrottleTimeMs),
            of(AlterConfigsResponseData.class, AlterConfigsResponseData::setThrottleTimeMs),
            of(DescribeLogDirsResponseData.class, DescribeLogDirsResponseData::setThrottleTimeMs),
            of(CreatePartitionsResponseData.class, CreatePartitionsResponseData::setThrottleTimeMs),
            of(DeleteGroupsResponseData.class, DeleteGroupsResponseData::setThrottleTimeMs),
            of(IncrementalAlterConfigsResponseData.class, IncrementalAlterConfigsResponseData::setThrottleTimeMs),
            of(OffsetDeleteResponseData.class, OffsetDeleteResponseData::setThrottleTimeMs),
            of(DescribeClusterResponseData.class, DescribeClusterResponseData::setThrottleTimeMs),
            of(ConsumerGroupHeartbeatResponseData.class, ConsumerGroupHeartbeatResponseData::setThrottleTimeMs),
            of(ConsumerGroupDescribeResponseData.class, ConsumerGroupDescribeResponseData::setThrottleTimeMs),
            of(ShareGroupHeartbeatResponseData.class, ShareGroupHeartbeatResponseData::setThrottleTimeMs),
            of(ShareGroupDescribeResponseData.class, ShareGroupDescribeResponseData::setThrottleTimeMs),
            of(ShareFetchResponseData.class, ShareFetchResponseData::setThrottleTimeMs),
            of(ShareAcknowledgeResponseData.class, ShareAcknowledgeResponseData::setThrottleTimeMs),
            of(DescribeShareGroupOffsetsResponseData.class, DescribeShareGroupOffsetsResponseData::setThrottleTimeMs),
            of(AlterShareGroupOffsetsResponseData.class, AlterShareGroupOffsetsResponseData::setThrottleTimeMs),
            of(DeleteShareGroupOffsetsResponseData.class, DeleteShareGroupOffsetsResponseData::setThrottleTimeMs),
            of(DescribeTopicPartitionsResponseData.class, DescribeTopicPartitionsResponseData::setThrottleTimeMs),
            of(ListConfigResourcesResponseData.class, ListConfigResourcesResponseData::setThrottleTimeMs),
            of(DescribeClientQuotasResponseData.class, DescribeClientQuotasResponseData::setThrottleTimeMs),
            of(AlterClientQuotasResponseData.class, AlterClientQuotasResponseData::setThrottleTimeMs),
            of(
                    AlterPartitionReassignmentsResponseData.class,
                    AlterPartitionReassignmentsResponseData::setThrottleTimeMs),
            of(AlterReplicaLogDirsResponseData.class, AlterReplicaLogDirsResponseData::setThrottleTimeMs),
            of(AlterUserScramCredentialsResponseData.class, AlterUserScramCredentialsResponseData::setThrottleTimeMs),
            of(CreateAclsResponseData.class, CreateAclsResponseData::setThrottleTimeMs),
            of(CreateDelegationTokenResponseData.class, CreateDelegationTokenResponseData::setThrottleTimeMs),
            of(DeleteAclsResponseData.class, DeleteAclsResponseData::setThrottleTimeMs),
            of(DescribeAclsResponseData.class, DescribeAclsResponseData::setThrottleTimeMs),
            of(DescribeDelegationTokenResponseData.class, DescribeDelegationTokenResponseData::setThrottleTimeMs),
            of(DescribeProducersResponseData.class, DescribeProducersResponseData::setThrottleTimeMs),
            of(DescribeTransactionsResponseData.class, DescribeTransactionsResponseData::setThrottleTimeMs),
            of(ElectLeadersResponseData.class, ElectLeadersResponseData::setThrottleTimeMs),
            of(ExpireDelegationTokenResponseData.class, ExpireDelegationTokenResponseData::setThrottleTimeMs),
            of(GetTelemetrySubscriptionsResponseData.class, GetTelemetrySubscriptionsResponseData::setThrottleTimeMs),
            of(ListPartitionReassignmentsResponseData.class, ListPartitionReassignmentsResponseData::setThrottleTimeMs),
            of(ListTransactionsResponseData.class, ListTransactionsResponseData::setThrottleTimeMs),
            of(PushTelemetryResponseData.class, PushTelemetryResponseData::setThrottleTimeMs),
            of(RenewDelegationTokenResponseData.class, RenewDelegationTokenResponseData::setThrottleTimeMs),
            of(UnregisterBrokerResponseData.class, UnregisterBrokerResponseData::setThrottleTimeMs),
            of(AddRaftVoterResponseData.class, AddRaftVoterResponseData::setThrottleTimeMs),
            of(RemoveRaftVoterResponseData.class, RemoveRaftVoterResponseData::setThrottleTimeMs),
            of(UpdateFeaturesResponseData.class, UpdateFeaturesResponseData::setThrottleTimeMs));

    private ThrottleTimes() {}

    /** An answer that has no such field goes out without. */
    public static void set(ApiMessage answer, int throttleMs) {
        ObjIntConsumer<ApiMessage> setter = SETTERS.get(answer.getClass());
        if (setter != null) {
            setter.accept(answer, throttleMs);
        }
    }

    private static <T extends ApiMessage> Map.Entry<Class<?>, ObjIntConsumer<ApiMessage>> of(
            Class<T> type, ObjIntConsumer<T> setter) {
        return Map.entry(type, (answer, throttleMs) -> setter.accept(type.cast(answer), throttleMs));
    }
}
