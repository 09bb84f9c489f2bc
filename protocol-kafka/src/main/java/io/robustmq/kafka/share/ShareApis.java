package io.robustmq.kafka.share;

import io.robustmq.core.group.GroupService;
import io.robustmq.core.share.ShareCommand.Release;
import io.robustmq.core.share.ShareRequester;
import io.robustmq.core.share.ShareService;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.server.ApiTable;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of this package, with the versions that are served. */
public final class ShareApis {
    private ShareApis() {}

    public static ApiTable.Builder addTo(
            ApiTable.Builder table, KafkaContext context, ShareService service, GroupService groups) {
        context.metrics().watch(service.deadLetters());
        ShareSessions sessions = new ShareSessions(
                service.config().sessionsMax(), context.metrics(), session -> releaseAll(service, session));
        ShareCalls calls = new ShareCalls(
                service,
                sessions,
                groups,
                context.journal(),
                context.metaLog(),
                context.authorizer(),
                context.config());
        return table.add(ApiKeys.SHARE_FETCH, 1, 2, new ShareFetchHandler(calls))
                .add(ApiKeys.SHARE_ACKNOWLEDGE, 1, 2, new ShareAcknowledgeHandler(calls))
                .add(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, 0, 1, new DescribeShareGroupOffsetsHandler(calls))
                .add(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, 0, 0, new AlterShareGroupOffsetsHandler(calls))
                .add(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, 0, 0, new DeleteShareGroupOffsetsHandler(calls));
    }

    private static void releaseAll(ShareService service, ShareSession session) {
        for (SharedPartition partition : session.partitions()) {
            service.submit(partition.key, new Release(ShareRequester.NOBODY, partition.key, session.memberId()));
        }
    }
}
