package io.robustmq.e2e.oracle;

import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * Questions about transactions, by both protocols. Each transaction is asked to end once, at the end, as its markers are
 * written behind the answer.
 */
final class TxnAsks {
    private static final long NOW = System.currentTimeMillis();
    /** From this version on, the second protocol. */
    private static final int PRODUCE_ADDS = 12;

    private TxnAsks() {}

    static void addTo(Asks asks) {
        begin(asks);
        partitions(asks);
        records(asks);
        offsets(asks);
        describe(asks);
        markers(asks);
        end(asks);
    }

    private static void begin(Asks asks) {
        asks.last(ApiKeys.FIND_COORDINATOR, "of a transaction", w -> new FindCoordinatorRequestData()
                .setKeyType((byte) 1)
                .setCoordinatorKeys(List.of("tx-0")));
        asks.each(ApiKeys.INIT_PRODUCER_ID, "transactional", (w, v) -> init("tx-" + v, 60_000));
        asks.each(ApiKeys.INIT_PRODUCER_ID, "transactional again", (w, v) -> init("again", 60_000));
        asks.each(ApiKeys.INIT_PRODUCER_ID, "no timeout", (w, v) -> init("bad", 0));
        asks.each(ApiKeys.INIT_PRODUCER_ID, "timeout too long", (w, v) -> init("bad", 900_001));
        asks.from(ApiKeys.INIT_PRODUCER_ID, "with what it has", 3, (w, v) -> {
            InitProducerIdResponseData had = producer(w, v);
            return init("tx-" + v, 60_000).setProducerId(had.producerId()).setProducerEpoch(had.producerEpoch());
        });
        asks.from(ApiKeys.INIT_PRODUCER_ID, "with another's id", 3, (w, v) -> init("tx-" + v, 60_000)
                .setProducerId(987_654)
                .setProducerEpoch((short) 3));
        asks.from(ApiKeys.INIT_PRODUCER_ID, "with an epoch alone", 3, (w, v) -> init("tx-" + v, 60_000)
                .setProducerEpoch((short) 3));
        asks.last(ApiKeys.INIT_PRODUCER_ID, "for all", w -> init("tx", 60_000));
        asks.last(ApiKeys.INIT_PRODUCER_ID, "idle", w -> init("idle", 60_000));
    }

    private static void partitions(Asks asks) {
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "unknown id", (w, v) -> add("absent", 1, 0, "one"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "empty id", (w, v) -> add("", 1, 0, "one"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "another producer", (w, v) -> add("tx", 987_654, 0, "one"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "newer epoch", (w, v) -> add("tx", id(w), 9, "one"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "unknown topic", (w, v) -> add("tx", id(w), 0, "absent"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "one of two unknown", (w, v) -> add("tx", id(w), 0, "one", "absent"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "nothing", (w, v) -> add("tx", id(w), 0));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "three", (w, v) -> add("tx", id(w), 0, "three"));
        asks.each(ApiKeys.ADD_PARTITIONS_TO_TXN, "three again", (w, v) -> add("tx", id(w), 0, "three"));
    }

    private static void records(Asks asks) {
        asks.at(ApiKeys.PRODUCE, 11, "in the transaction", w -> produce(w, 11, "tx", "three", id(w), 0, 0));
        asks.at(ApiKeys.PRODUCE, 11, "not added", w -> produce(w, 11, "tx", "one", id(w), 0, 0));
        asks.at(ApiKeys.PRODUCE, 11, "of a newer epoch", w -> produce(w, 11, "tx", "three", id(w), 5, 0));
        asks.at(ApiKeys.PRODUCE, 11, "of an unknown transaction", w -> produce(w, 11, "absent", "grows", 77_777, 0, 0));
        asks.at(
                ApiKeys.PRODUCE,
                PRODUCE_ADDS,
                "adds by itself",
                w -> produce(w, PRODUCE_ADDS, "tx", "grows", id(w), 0, 0));
        asks.at(
                ApiKeys.PRODUCE,
                PRODUCE_ADDS,
                "adds to an unknown transaction",
                w -> produce(w, PRODUCE_ADDS, "absent", "grows", 77_777, 0, 0));
        asks.at(
                ApiKeys.PRODUCE,
                PRODUCE_ADDS,
                "skips in the transaction",
                w -> produce(w, PRODUCE_ADDS, "tx", "three", id(w), 0, 9));
        asks.last(ApiKeys.FETCH, "committed in the transaction", w -> FetchAsks.fetch(w, (short) 13, "three", 0, 0)
                .setIsolationLevel((byte) 1));
        asks.last(ApiKeys.FETCH, "uncommitted in the transaction", w -> FetchAsks.fetch(w, (short) 13, "three", 0, 0));
        asks.last(ApiKeys.LIST_OFFSETS, "stable in the transaction", w -> DataAsks.listOffsets(
                        "three", 0, -1, (short) 10, -1)
                .setIsolationLevel((byte) 1));
    }

    private static void offsets(Asks asks) {
        asks.each(ApiKeys.ADD_OFFSETS_TO_TXN, "unknown id", (w, v) -> addGroup("absent", 1, 0, "txn-readers"));
        asks.each(ApiKeys.ADD_OFFSETS_TO_TXN, "empty id", (w, v) -> addGroup("", 1, 0, "txn-readers"));
        asks.each(ApiKeys.ADD_OFFSETS_TO_TXN, "newer epoch", (w, v) -> addGroup("tx", id(w), 4, "txn-readers"));
        asks.each(ApiKeys.ADD_OFFSETS_TO_TXN, "empty group", (w, v) -> addGroup("tx", id(w), 0, ""));
        asks.each(ApiKeys.ADD_OFFSETS_TO_TXN, "group", (w, v) -> addGroup("tx", id(w), 0, "txn-readers"));
        asks.between(ApiKeys.TXN_OFFSET_COMMIT, "offset", 0, 5, (w, v) -> commit("tx", id(w), 0, "txn-readers"));
        asks.between(ApiKeys.TXN_OFFSET_COMMIT, "newer epoch", 0, 5, (w, v) -> commit("tx", id(w), 5, "txn-readers"));
        asks.between(ApiKeys.TXN_OFFSET_COMMIT, "empty group", 0, 5, (w, v) -> commit("tx", id(w), 0, ""));
        asks.between(ApiKeys.TXN_OFFSET_COMMIT, "unknown id", 0, 5, (w, v) -> commit("absent", 77, 0, "txn-readers"));
        asks.between(ApiKeys.TXN_OFFSET_COMMIT, "as a member", 3, 5, (w, v) -> commit("tx", id(w), 0, "txn-readers")
                .setMemberId("m")
                .setGenerationIdOrMemberEpoch(3));
        asks.between(ApiKeys.TXN_OFFSET_COMMIT, "unknown topic", 3, 5, (w, v) -> {
            TxnOffsetCommitRequestData request = commit("tx", id(w), 0, "txn-readers");
            request.topics().get(0).setName("absent");
            return request;
        });
        asks.at(
                ApiKeys.OFFSET_FETCH,
                9,
                "while the transaction is open",
                w -> GroupAsks.fetch((short) 9, "txn-readers", "three", 0));
        asks.at(ApiKeys.OFFSET_FETCH, 9, "stable while the transaction is open", w -> GroupAsks.fetch(
                        (short) 9, "txn-readers", "three", 0)
                .setRequireStable(true));
    }

    private static void describe(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_TRANSACTIONS, "open", (w, v) -> new DescribeTransactionsRequestData()
                .setTransactionalIds(List.of("tx")));
        asks.each(ApiKeys.DESCRIBE_TRANSACTIONS, "not begun", (w, v) -> new DescribeTransactionsRequestData()
                .setTransactionalIds(List.of("tx-0")));
        asks.each(ApiKeys.DESCRIBE_TRANSACTIONS, "unknown", (w, v) -> new DescribeTransactionsRequestData()
                .setTransactionalIds(List.of("absent", "")));
        asks.each(ApiKeys.LIST_TRANSACTIONS, "open", (w, v) -> new ListTransactionsRequestData()
                .setStateFilters(List.of("Ongoing")));
        asks.each(ApiKeys.LIST_TRANSACTIONS, "unknown state", (w, v) -> new ListTransactionsRequestData()
                .setStateFilters(List.of("Asleep")));
        asks.from(ApiKeys.LIST_TRANSACTIONS, "long ones", 1, (w, v) -> new ListTransactionsRequestData()
                .setDurationFilter(3_600_000));
        asks.from(ApiKeys.LIST_TRANSACTIONS, "by pattern", 2, (w, v) -> new ListTransactionsRequestData()
                .setTransactionalIdPattern("tx-[12]"));
        asks.from(ApiKeys.LIST_TRANSACTIONS, "by a bad pattern", 2, (w, v) -> new ListTransactionsRequestData()
                .setTransactionalIdPattern("("));
        asks.each(ApiKeys.DESCRIBE_PRODUCERS, "of a partition", (w, v) -> producers("grows", 0));
        asks.each(ApiKeys.DESCRIBE_PRODUCERS, "of no partition", (w, v) -> producers("grows", 9));
        asks.each(ApiKeys.DESCRIBE_PRODUCERS, "of no topic", (w, v) -> producers("absent", 0));
    }

    private static void markers(Asks asks) {
        asks.each(ApiKeys.WRITE_TXN_MARKERS, "of an unknown producer", (w, v) -> marker(55_555, "one", 0));
        asks.each(ApiKeys.WRITE_TXN_MARKERS, "unknown topic", (w, v) -> marker(55_556, "absent", 0));
        asks.each(ApiKeys.WRITE_TXN_MARKERS, "unknown partition", (w, v) -> marker(55_557, "one", 9));
        asks.each(ApiKeys.WRITE_TXN_MARKERS, "nothing", (w, v) -> new WriteTxnMarkersRequestData());
    }

    private static void end(Asks asks) {
        asks.each(ApiKeys.END_TXN, "unknown id", (w, v) -> end("absent", 1, 0, true));
        asks.each(ApiKeys.END_TXN, "empty id", (w, v) -> end("", 1, 0, true));
        asks.each(ApiKeys.END_TXN, "another producer", (w, v) -> end("tx", 987_654, 0, true));
        asks.each(ApiKeys.END_TXN, "newer epoch", (w, v) -> end("tx", id(w), 7, true));
        asks.between(ApiKeys.END_TXN, "what was not begun", 0, 4, (w, v) -> {
            long idle = w.answer("InitProducerId v5 idle", InitProducerIdResponseData.class)
                    .producerId();
            return end("idle", idle, 0, v % 2 == 0);
        });
        asks.at(ApiKeys.END_TXN, 4, "commits", w -> end("tx", id(w), 0, true));
    }

    private static InitProducerIdResponseData producer(World world, short version) {
        return world.answer("InitProducerId v" + version + " transactional", InitProducerIdResponseData.class);
    }

    private static long id(World world) {
        return world.answer("InitProducerId v5 for all", InitProducerIdResponseData.class)
                .producerId();
    }

    private static InitProducerIdRequestData init(String id, int timeoutMs) {
        return new InitProducerIdRequestData().setTransactionalId(id).setTransactionTimeoutMs(timeoutMs);
    }

    private static AddPartitionsToTxnRequestData add(String id, long producerId, int epoch, String... topics) {
        var request = new AddPartitionsToTxnRequestData()
                .setV3AndBelowTransactionalId(id)
                .setV3AndBelowProducerId(producerId)
                .setV3AndBelowProducerEpoch((short) epoch);
        for (String topic : topics) {
            request.v3AndBelowTopics()
                    .add(new AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic()
                            .setName(topic)
                            .setPartitions(List.of(0)));
        }
        return request;
    }

    private static org.apache.kafka.common.message.ProduceRequestData produce(
            World world, int version, String id, String topic, long producerId, int epoch, int sequence) {
        MemoryRecords records = MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) epoch, sequence, new SimpleRecord(NOW, null, new byte[] {1}));
        return DataAsks.produce(world, (short) version, topic, 0, -1, records).setTransactionalId(id);
    }

    private static AddOffsetsToTxnRequestData addGroup(String id, long producerId, int epoch, String group) {
        return new AddOffsetsToTxnRequestData()
                .setTransactionalId(id)
                .setProducerId(producerId)
                .setProducerEpoch((short) epoch)
                .setGroupId(group);
    }

    private static TxnOffsetCommitRequestData commit(String id, long producerId, int epoch, String group) {
        return new TxnOffsetCommitRequestData()
                .setTransactionalId(id)
                .setProducerId(producerId)
                .setProducerEpoch((short) epoch)
                .setGroupId(group)
                .setTopics(List.of(new TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic()
                        .setName("three")
                        .setPartitions(List.of(new TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition()
                                .setPartitionIndex(0)
                                .setCommittedOffset(1)))));
    }

    private static DescribeProducersRequestData producers(String topic, int partition) {
        var request = new DescribeProducersRequestData();
        request.topics()
                .add(new DescribeProducersRequestData.TopicRequest()
                        .setName(topic)
                        .setPartitionIndexes(List.of(partition)));
        return request;
    }

    private static WriteTxnMarkersRequestData marker(long producerId, String topic, int partition) {
        return new WriteTxnMarkersRequestData()
                .setMarkers(List.of(new WriteTxnMarkersRequestData.WritableTxnMarker()
                        .setProducerId(producerId)
                        .setProducerEpoch((short) 0)
                        .setTransactionResult(false)
                        .setTopics(List.of(new WriteTxnMarkersRequestData.WritableTxnMarkerTopic()
                                .setName(topic)
                                .setPartitionIndexes(List.of(partition))))));
    }

    private static EndTxnRequestData end(String id, long producerId, int epoch, boolean committed) {
        return new EndTxnRequestData()
                .setTransactionalId(id)
                .setProducerId(producerId)
                .setProducerEpoch((short) epoch)
                .setCommitted(committed);
    }
}
