package io.robustmq.e2e.oracle;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Questions that read records, with and without fetch sessions. */
final class FetchAsks {
    private static final int ANY = 1 << 20;

    private FetchAsks() {}

    static void addTo(Asks asks) {
        asks.each(ApiKeys.FETCH, "from the start", (w, v) -> fetch(w, v, "timed", 0, 0));
        asks.each(ApiKeys.FETCH, "empty", (w, v) -> fetch(w, v, "three", 0, 0));
        asks.each(ApiKeys.FETCH, "beyond the end", (w, v) -> fetch(w, v, "timed", 0, 1_000));
        asks.each(ApiKeys.FETCH, "unknown partition", (w, v) -> fetch(w, v, "timed", 9, 0));
        asks.each(ApiKeys.FETCH, "unknown topic", (w, v) -> fetch(w, v, "absent", 0, 0));
        asks.from(ApiKeys.FETCH, "negative offset", 11, (w, v) -> fetch(w, v, "timed", 0, -7));
        asks.from(ApiKeys.FETCH, "at the end", 11, (w, v) -> fetch(w, v, "timed", 0, 3));
        asks.from(ApiKeys.FETCH, "below the log start", 11, (w, v) -> fetch(w, v, "deleted", 0, 0));
        asks.from(ApiKeys.FETCH, "committed", 11, (w, v) -> fetch(w, v, "timed", 0, 0)
                .setIsolationLevel((byte) 1));
        asks.from(ApiKeys.FETCH, "one byte", 11, (w, v) -> fetch(w, v, "timed", 0, 0)
                .setMaxBytes(1));
        asks.from(ApiKeys.FETCH, "no bytes", 11, (w, v) -> fetch(w, v, "timed", 0, 0)
                .setMaxBytes(0));
        asks.from(ApiKeys.FETCH, "newer epoch", 11, (w, v) -> {
            FetchRequestData request = fetch(w, v, "timed", 0, 0);
            request.topics().get(0).partitions().get(0).setCurrentLeaderEpoch(9);
            return request;
        });
        asks.from(ApiKeys.FETCH, "same epoch", 11, (w, v) -> {
            FetchRequestData request = fetch(w, v, "timed", 0, 0);
            request.topics().get(0).partitions().get(0).setCurrentLeaderEpoch(0);
            return request;
        });
        asks.from(ApiKeys.FETCH, "last fetched epoch", 12, (w, v) -> {
            FetchRequestData request = fetch(w, v, "timed", 0, 3);
            request.topics().get(0).partitions().get(0).setLastFetchedEpoch(0);
            return request;
        });
        asks.from(ApiKeys.FETCH, "nothing", 11, (w, v) -> new FetchRequestData().setMaxWaitMs(0));
        sessions(asks);
    }

    private static void sessions(Asks asks) {
        asks.from(ApiKeys.FETCH, "sessionless", 11, (w, v) -> fetch(w, v, "timed", 0, 0)
                .setSessionEpoch(-1));
        asks.from(ApiKeys.FETCH, "new session", 11, (w, v) -> fetch(w, v, "timed", 0, 0)
                .setSessionEpoch(0));
        asks.from(ApiKeys.FETCH, "next of the session", 11, (w, v) -> new FetchRequestData()
                .setMaxWaitMs(0)
                .setSessionEpoch(1)
                .setSessionId(w.answer("Fetch v" + v + " new session", FetchResponseData.class)
                        .sessionId()));
        asks.from(ApiKeys.FETCH, "wrong epoch of the session", 11, (w, v) -> new FetchRequestData()
                .setMaxWaitMs(0)
                .setSessionEpoch(7)
                .setSessionId(w.answer("Fetch v" + v + " new session", FetchResponseData.class)
                        .sessionId()));
        asks.from(ApiKeys.FETCH, "unknown session", 11, (w, v) -> new FetchRequestData()
                .setMaxWaitMs(0)
                .setSessionEpoch(5)
                .setSessionId(12));
        asks.from(ApiKeys.FETCH, "no session with an epoch", 11, (w, v) -> new FetchRequestData()
                .setMaxWaitMs(0)
                .setSessionEpoch(5)
                .setSessionId(0));
    }

    static FetchRequestData fetch(World world, short version, String topic, int partition, long offset) {
        var fetched = new FetchRequestData.FetchTopic();
        if (version >= 13) {
            fetched.setTopicId(topic.equals("absent") ? World.NO_TOPIC : world.id(topic));
        } else {
            fetched.setTopic(topic);
        }
        fetched.partitions()
                .add(new FetchRequestData.FetchPartition()
                        .setPartition(partition)
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(ANY));
        var request = new FetchRequestData().setMinBytes(1).setMaxWaitMs(0).setMaxBytes(ANY);
        if (version >= 7) {
            request.setSessionEpoch(-1);
        }
        request.topics().add(fetched);
        return request;
    }
}
