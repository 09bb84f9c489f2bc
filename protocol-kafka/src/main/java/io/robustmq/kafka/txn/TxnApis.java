package io.robustmq.kafka.txn;

import io.robustmq.core.group.GroupService;
import io.robustmq.kafka.handler.KafkaContext;
import io.robustmq.kafka.handler.ProducerIds;
import io.robustmq.kafka.server.ApiTable;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of this package, with the versions that are served. */
public final class TxnApis {
    /** Every transaction has its own producer epoch (KIP-890). */
    private TxnApis() {}

    public static ApiTable.Builder addTo(ApiTable.Builder table, KafkaContext context, GroupService groups) {
        TxnCalls calls = new TxnCalls(
                context.transactions(), groups, context.journal(), context.metaLog(), context.authorizer());
        ProducerIds ids = new ProducerIds(context.nodeId(), context.metaLog(), context.sharedLoop());
        // From version 4 on it is for brokers among themselves.
        return table.add(ApiKeys.ADD_PARTITIONS_TO_TXN, 0, 3, new AddPartitionsToTxnHandler(calls))
                .add(ApiKeys.ADD_OFFSETS_TO_TXN, 0, 4, new AddOffsetsToTxnHandler(calls))
                .add(ApiKeys.END_TXN, 0, 5, new EndTxnHandler(calls, ids))
                .add(ApiKeys.WRITE_TXN_MARKERS, 1, 2, new WriteTxnMarkersHandler(calls))
                .add(ApiKeys.DESCRIBE_PRODUCERS, 0, 0, new DescribeProducersHandler(calls))
                .add(ApiKeys.DESCRIBE_TRANSACTIONS, 0, 0, new DescribeTransactionsHandler(calls))
                .add(ApiKeys.LIST_TRANSACTIONS, 0, 2, new ListTransactionsHandler(calls));
    }
}
