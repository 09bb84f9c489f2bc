package io.robustmq.e2e.oracle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Questions about records: produce, offsets, deletion. */
final class DataAsks {
    private static final long NOW = System.currentTimeMillis();
    private static final int EPOCH_POSITION = 12;
    private static final int MAGIC_POSITION = 16;

    private DataAsks() {}

    static void addTo(Asks asks) {
        produce(asks);
        broken(asks);
        sequences(asks);
        listOffsets(asks);
        epochs(asks);
        producerIds(asks);
    }

    private static void produce(Asks asks) {
        asks.each(ApiKeys.PRODUCE, "one record", (w, v) -> produce(w, v, "one", 0, -1, records("v" + v)));
        asks.each(ApiKeys.PRODUCE, "unknown topic", (w, v) -> produce(w, v, "absent", 0, -1, records("x")));
        asks.each(ApiKeys.PRODUCE, "unknown partition", (w, v) -> produce(w, v, "one", 9, -1, records("x")));
        asks.from(ApiKeys.PRODUCE, "acks 2", 11, (w, v) -> produce(w, v, "one", 0, 2, records("x")));
        asks.from(ApiKeys.PRODUCE, "acks 1", 11, (w, v) -> produce(w, v, "one", 0, 1, records("x")));
        asks.from(ApiKeys.PRODUCE, "acks 0", 11, (w, v) -> produce(w, v, "one", 0, 0, records("x")));
        asks.from(ApiKeys.PRODUCE, "acks 0 unknown topic", 11, (w, v) -> produce(w, v, "absent", 0, 0, records("x")));
        asks.from(ApiKeys.PRODUCE, "acks 0 bad acks", 11, (w, v) -> produce(w, v, "one", 0, 7, records("x")));
        asks.from(ApiKeys.PRODUCE, "nothing", 11, (w, v) -> new ProduceRequestData().setAcks((short) -1));
        asks.from(ApiKeys.PRODUCE, "nothing acks 0", 11, (w, v) -> new ProduceRequestData().setAcks((short) 0));
        asks.from(ApiKeys.PRODUCE, "no records", 11, (w, v) -> produce(w, v, "one", 0, -1, MemoryRecords.EMPTY));
        asks.from(ApiKeys.PRODUCE, "null records", 13, (w, v) -> produce(w, v, "one", 0, -1, null));
        asks.last(ApiKeys.PRODUCE, "unknown id", w -> {
            ProduceRequestData request = produce(w, (short) 13, "one", 0, -1, records("x"));
            request.topicData().iterator().next().setTopicId(World.NO_TOPIC);
            return request;
        });
        asks.at(
                ApiKeys.PRODUCE,
                12,
                "internal topic",
                w -> produce(w, (short) 12, "__consumer_offsets", 0, -1, records("x")));
        asks.at(ApiKeys.PRODUCE, 12, "illegal name", w -> produce(w, (short) 12, "no such/topic", 0, -1, records("x")));
        asks.at(ApiKeys.PRODUCE, 12, "empty name", w -> produce(w, (short) 12, "", 0, -1, records("x")));
    }

    private static void broken(Asks asks) {
        asks.from(ApiKeys.PRODUCE, "crc", 12, (w, v) -> produce(w, v, "one", 0, -1, changed(21, 1)));
        asks.from(ApiKeys.PRODUCE, "magic 1", 12, (w, v) -> produce(w, v, "one", 0, -1, changed(MAGIC_POSITION, 3)));
        asks.from(
                ApiKeys.PRODUCE,
                "epoch is ours",
                12,
                (w, v) -> produce(w, v, "one", 0, -1, changed(EPOCH_POSITION, 1)));
        asks.from(ApiKeys.PRODUCE, "two batches", 12, (w, v) -> produce(w, v, "one", 0, -1, twice(records("x"))));
        asks.from(ApiKeys.PRODUCE, "half a batch", 12, (w, v) -> produce(w, v, "one", 0, -1, half(records("x"))));
        asks.from(ApiKeys.PRODUCE, "too large", 12, (w, v) -> produce(w, v, "small", 0, -1, records("x".repeat(2000))));
        asks.from(ApiKeys.PRODUCE, "future", 12, (w, v) -> produce(w, v, "one", 0, -1, timed(NOW + 7_200_000)));
        asks.from(ApiKeys.PRODUCE, "no timestamp", 12, (w, v) -> produce(w, v, "one", 0, -1, timed(-1)));
        asks.from(ApiKeys.PRODUCE, "append time", 12, (w, v) -> produce(w, v, "stamped", 0, -1, records("x")));
        asks.from(ApiKeys.PRODUCE, "null key compacted", 12, (w, v) -> produce(w, v, "compacted", 0, -1, records("x")));
        asks.from(
                ApiKeys.PRODUCE,
                "gzip",
                12,
                (w, v) -> produce(
                        w,
                        v,
                        "one",
                        0,
                        -1,
                        MemoryRecords.withRecords(
                                Compression.gzip().build(), new SimpleRecord(NOW, null, bytes("zip")))));
        asks.between(
                ApiKeys.PRODUCE,
                "zstd",
                3,
                7,
                (w, v) -> produce(
                        w,
                        v,
                        "one",
                        0,
                        -1,
                        MemoryRecords.withRecords(
                                Compression.zstd().build(), new SimpleRecord(NOW, null, bytes("zip")))));
        asks.from(
                ApiKeys.PRODUCE,
                "transactional batch",
                11,
                (w, v) -> produce(
                        w,
                        v,
                        "one",
                        0,
                        -1,
                        MemoryRecords.withTransactionalRecords(
                                Compression.NONE, 4000L, (short) 0, 0, new SimpleRecord(NOW, null, bytes("t")))));
        asks.from(ApiKeys.PRODUCE, "control batch", 12, (w, v) -> produce(w, v, "one", 0, -1, control()));
    }

    private static void sequences(Asks asks) {
        asks.at(ApiKeys.PRODUCE, 12, "sequence 0", w -> idempotent(w, 5000, 0, 0));
        asks.at(ApiKeys.PRODUCE, 12, "sequence 0 again", w -> idempotent(w, 5000, 0, 0));
        asks.at(ApiKeys.PRODUCE, 12, "sequence skips", w -> idempotent(w, 5000, 0, 5));
        asks.at(ApiKeys.PRODUCE, 12, "sequence 1", w -> idempotent(w, 5000, 0, 1));
        asks.at(ApiKeys.PRODUCE, 12, "new epoch with a sequence", w -> idempotent(w, 5000, 1, 3));
        asks.at(ApiKeys.PRODUCE, 12, "new epoch", w -> idempotent(w, 5000, 1, 0));
        asks.at(ApiKeys.PRODUCE, 12, "old epoch", w -> idempotent(w, 5000, 0, 2));
        asks.at(ApiKeys.PRODUCE, 12, "unknown producer with a sequence", w -> idempotent(w, 5001, 0, 7));
    }

    private static void listOffsets(Asks asks) {
        for (long timestamp : new long[] {-1, -2, -3, -4, -5, -6, -7, 0, NOW + 100_000_000}) {
            String name = "timestamp " + (timestamp <= 0 ? timestamp : "future");
            asks.each(ApiKeys.LIST_OFFSETS, name, (w, v) -> listOffsets("three", 0, timestamp, v, -1));
        }
        asks.from(ApiKeys.LIST_OFFSETS, "with records", 7, (w, v) -> listOffsets("timed", 0, -3, v, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "inside a batch", 7, (w, v) -> listOffsets("timed", 0, 1_001, v, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "before all", 7, (w, v) -> listOffsets("timed", 0, 5, v, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "earliest with records", 7, (w, v) -> listOffsets("timed", 0, -2, v, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "local with records", 8, (w, v) -> listOffsets("timed", 0, -4, v, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "latest with records", 7, (w, v) -> listOffsets("timed", 0, -1, v, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "unknown topic", 1, (w, v) -> listOffsets("absent", 0, -1, v, -1));
        asks.last(ApiKeys.LIST_OFFSETS, "unknown partition", w -> listOffsets("three", 9, -1, (short) 10, -1));
        asks.last(ApiKeys.LIST_OFFSETS, "newer epoch", w -> listOffsets("three", 0, -1, (short) 10, 99));
        asks.last(ApiKeys.LIST_OFFSETS, "negative partition", w -> listOffsets("three", -3, -1, (short) 10, -1));
        asks.from(ApiKeys.LIST_OFFSETS, "committed", 2, (w, v) -> listOffsets("timed", 0, -1, v, -1)
                .setIsolationLevel((byte) 1));
        asks.from(ApiKeys.LIST_OFFSETS, "isolation 5", 10, (w, v) -> listOffsets("timed", 0, -1, v, -1)
                .setIsolationLevel((byte) 5));
        asks.last(ApiKeys.LIST_OFFSETS, "twice", w -> {
            ListOffsetsRequestData request = listOffsets("three", 0, -1, (short) 10, -1);
            request.topics()
                    .get(0)
                    .setPartitions(List.of(
                            request.topics().get(0).partitions().get(0),
                            request.topics().get(0).partitions().get(0).duplicate()));
            return request;
        });
        asks.last(ApiKeys.LIST_OFFSETS, "nothing", w -> new ListOffsetsRequestData().setReplicaId(-1));
        asks.last(ApiKeys.LIST_OFFSETS, "as a debugger", w -> listOffsets("timed", 0, -1, (short) 10, -1)
                .setReplicaId(-2));
    }

    private static void epochs(Asks asks) {
        for (int epoch : new int[] {-1, 0, 1, 50}) {
            asks.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, "epoch " + epoch, (w, v) -> epoch("timed", 0, -1, epoch));
        }
        asks.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, "empty log", (w, v) -> epoch("three", 0, -1, 0));
        asks.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, "unknown topic", (w, v) -> epoch("absent", 0, -1, 0));
        asks.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, "unknown partition", (w, v) -> epoch("timed", 9, -1, 0));
        asks.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, "newer current", (w, v) -> epoch("timed", 0, 9, 0));
        asks.each(ApiKeys.OFFSET_FOR_LEADER_EPOCH, "same current", (w, v) -> epoch("timed", 0, 0, 0));
        for (long offset : new long[] {-1, 0, 2, -5, 1_000}) {
            String name = "up to " + offset;
            asks.each(ApiKeys.DELETE_RECORDS, name, (w, v) -> deleteRecords("deleted", v == 1 ? 1 : 0, offset));
        }
        asks.each(ApiKeys.DELETE_RECORDS, "unknown topic", (w, v) -> deleteRecords("absent", 0, 0));
        asks.each(ApiKeys.DELETE_RECORDS, "unknown partition", (w, v) -> deleteRecords("deleted", 9, 0));
        asks.each(ApiKeys.DELETE_RECORDS, "internal", (w, v) -> deleteRecords("__consumer_offsets", 0, 0));
        asks.each(ApiKeys.DELETE_RECORDS, "compacted", (w, v) -> deleteRecords("compacted", 0, 0));
        asks.each(ApiKeys.DELETE_RECORDS, "nothing", (w, v) -> new DeleteRecordsRequestData());
    }

    private static void producerIds(Asks asks) {
        asks.each(ApiKeys.INIT_PRODUCER_ID, "idempotent", (w, v) -> new InitProducerIdRequestData()
                .setTransactionalId(null));
        asks.from(ApiKeys.INIT_PRODUCER_ID, "idempotent with an id", 3, (w, v) -> new InitProducerIdRequestData()
                .setTransactionalId(null)
                .setProducerId(9)
                .setProducerEpoch((short) 3));
        asks.each(ApiKeys.INIT_PRODUCER_ID, "empty transactional id", (w, v) -> new InitProducerIdRequestData()
                .setTransactionalId("")
                .setTransactionTimeoutMs(1000));
    }

    static MemoryRecords records(String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(NOW, null, bytes(values[i]));
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    /** One batch of three records, at 1000, 1002 and 1001 ms. */
    static MemoryRecords threeTimes() {
        return MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(1_000, bytes("k0"), bytes("a")),
                new SimpleRecord(1_002, bytes("k1"), bytes("b")),
                new SimpleRecord(1_001, bytes("k2"), bytes("c")));
    }

    private static MemoryRecords timed(long timestamp) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(timestamp, null, bytes("x")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static MemoryRecords changed(int position, int xor) {
        ByteBuffer batch = records("x").buffer();
        batch.put(position, (byte) (batch.get(position) ^ xor));
        return MemoryRecords.readableRecords(batch);
    }

    private static MemoryRecords twice(MemoryRecords records) {
        ByteBuffer one = records.buffer();
        ByteBuffer two = ByteBuffer.allocate(2 * one.remaining());
        two.put(one.duplicate()).put(one.duplicate()).flip();
        return MemoryRecords.readableRecords(two);
    }

    private static MemoryRecords half(MemoryRecords records) {
        ByteBuffer one = records.buffer();
        return MemoryRecords.readableRecords(one.limit(one.limit() - 5));
    }

    private static MemoryRecords control() {
        return MemoryRecords.withEndTransactionMarker(
                4000L,
                (short) 0,
                new org.apache.kafka.common.record.internal.EndTransactionMarker(
                        org.apache.kafka.common.record.internal.ControlRecordType.COMMIT, 0));
    }

    static ProduceRequestData produce(
            World world,
            short version,
            String topic,
            int partition,
            int acks,
            @org.jspecify.annotations.Nullable MemoryRecords records) {
        var data = new ProduceRequestData.TopicProduceData()
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(records)));
        if (version >= 13) {
            data.setTopicId(topic.equals("absent") ? World.NO_TOPIC : world.id(topic));
        } else {
            data.setName(topic);
        }
        var request = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(5_000);
        request.topicData().add(data);
        return request;
    }

    private static ProduceRequestData idempotent(World world, long producerId, int epoch, int sequence) {
        return produce(
                world,
                (short) 12,
                "sequenced",
                0,
                -1,
                MemoryRecords.withIdempotentRecords(
                        Compression.NONE,
                        producerId,
                        (short) epoch,
                        sequence,
                        new SimpleRecord(NOW, null, bytes("s" + sequence))));
    }

    static ListOffsetsRequestData listOffsets(String topic, int partition, long timestamp, short version, int epoch) {
        var asked = new ListOffsetsRequestData.ListOffsetsPartition()
                .setPartitionIndex(partition)
                .setTimestamp(timestamp);
        if (version >= 4) {
            asked.setCurrentLeaderEpoch(epoch);
        }
        var request = new ListOffsetsRequestData().setReplicaId(-1);
        request.topics()
                .add(new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(asked)));
        return request;
    }

    private static OffsetForLeaderEpochRequestData epoch(String topic, int partition, int current, int epoch) {
        var request = new OffsetForLeaderEpochRequestData();
        request.topics()
                .add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition()
                                .setPartition(partition)
                                .setCurrentLeaderEpoch(current)
                                .setLeaderEpoch(epoch))));
        return request;
    }

    private static DeleteRecordsRequestData deleteRecords(String topic, int partition, long offset) {
        var request = new DeleteRecordsRequestData().setTimeoutMs(5_000);
        request.topics()
                .add(new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsRequestData.DeleteRecordsPartition()
                                .setPartitionIndex(partition)
                                .setOffset(offset))));
        return request;
    }
}
