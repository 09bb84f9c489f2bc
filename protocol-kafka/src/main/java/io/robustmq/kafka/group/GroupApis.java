package io.robustmq.kafka.group;

import io.robustmq.core.group.GroupService;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.handler.Brokers;
import io.robustmq.kafka.server.ApiTable;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of this package, with the versions that are served. */
public final class GroupApis {
    private GroupApis() {}

    public static ApiTable.Builder addTo(
            ApiTable.Builder table,
            GroupService groups,
            TxnService transactions,
            ShareService shares,
            MetaLog metaLog,
            Authorizer authorizer,
            Brokers brokers) {
        GroupCalls calls = new GroupCalls(groups, transactions, shares, metaLog, authorizer, brokers);
        return table.add(ApiKeys.FIND_COORDINATOR, 0, 6, new FindCoordinatorHandler(calls))
                .add(ApiKeys.JOIN_GROUP, 0, 9, new JoinGroupHandler(calls))
                .add(ApiKeys.SYNC_GROUP, 0, 5, new SyncGroupHandler(calls))
                .add(ApiKeys.HEARTBEAT, 0, 4, new HeartbeatHandler(calls))
                .add(ApiKeys.LEAVE_GROUP, 0, 5, new LeaveGroupHandler(calls))
                .add(ApiKeys.OFFSET_COMMIT, 2, 10, new OffsetCommitHandler(calls))
                .add(ApiKeys.OFFSET_FETCH, 1, 10, new OffsetFetchHandler(calls))
                .add(ApiKeys.TXN_OFFSET_COMMIT, 0, 6, new TxnOffsetCommitHandler(calls))
                .add(ApiKeys.LIST_GROUPS, 0, 5, new ListGroupsHandler(calls))
                .add(ApiKeys.DESCRIBE_GROUPS, 0, 6, new DescribeGroupsHandler(calls))
                .add(ApiKeys.DELETE_GROUPS, 0, 3, new DeleteGroupsHandler(calls))
                .add(ApiKeys.OFFSET_DELETE, 0, 0, new OffsetDeleteHandler(calls))
                .add(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 0, 1, new ConsumerGroupHeartbeatHandler(calls))
                .add(ApiKeys.CONSUMER_GROUP_DESCRIBE, 0, 1, new ConsumerGroupDescribeHandler(calls))
                .add(ApiKeys.SHARE_GROUP_HEARTBEAT, 1, 1, new ShareGroupHeartbeatHandler(calls))
                .add(ApiKeys.SHARE_GROUP_DESCRIBE, 1, 1, new ShareGroupDescribeHandler(calls));
    }
}
