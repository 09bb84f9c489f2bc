"""confluent-kafka for Python, so librdkafka, against a broker: arguments are its address and a prefix for names.

Ends with 0 and "done", or with what went wrong.
"""

import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

BOOTSTRAP, PREFIX = sys.argv[1:]
SOURCE = PREFIX + "-source"
TARGET = PREFIX + "-target"
COPIERS = PREFIX + "-copiers"


def done(futures):
    return [future.result(30) for future in futures.values()]


def administer(admin):
    topics = [NewTopic(SOURCE, 2, 1, config={"retention.ms": "3600000"}), NewTopic(TARGET, 1, 1)]
    done(admin.create_topics(topics))
    (configs,) = done(admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, SOURCE)]))
    assert configs["retention.ms"].value == "3600000", configs
    done(admin.create_partitions([NewPartitions(SOURCE, 3)]))
    assert len(admin.list_topics(SOURCE, 10).topics[SOURCE].partitions) == 3


def produce():
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True, "compression.type": codec})
        for i in range(6):
            producer.produce(SOURCE, "%s-%d" % (codec, i), "k%d" % i, i % 3, headers={"codec": codec})
        assert producer.flush(30) == 0


def consumer(group, **config):
    return Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 10000,
            "isolation.level": "read_committed",
            **config,
        }
    )


def records(reader, topic, count):
    reader.subscribe([topic])
    deadline = time.monotonic() + 60
    read = 0
    while read < count:
        assert time.monotonic() < deadline, "only %d of %d records of %s" % (read, count, topic)
        record = reader.poll(0.2)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        read += 1
        yield record


def copy():
    """Each record is copied with its offset in a transaction; every third transaction is aborted first and done again."""
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": PREFIX + "-copy"})
    producer.init_transactions(30)
    reader = consumer(COPIERS)
    for number, record in enumerate(records(reader, SOURCE, 30)):
        for end in (producer.abort_transaction, producer.commit_transaction)[number % 3 != 0 :]:
            producer.begin_transaction()
            producer.produce(TARGET, record.value(), record.key())
            # What is only queued here is forgotten when the transaction is aborted.
            assert producer.flush(30) == 0
            offset = TopicPartition(SOURCE, record.partition(), record.offset() + 1)
            producer.send_offsets_to_transaction([offset], reader.consumer_group_metadata(), 30)
            end(30)
    committed = reader.committed([TopicPartition(SOURCE, partition) for partition in range(3)], 30)
    assert [each.offset for each in committed] == [10, 10, 10], committed
    reader.close()


def main():
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    administer(admin)
    produce()
    expected = sorted("%s-%d" % (codec, i) for codec in ("none", "gzip", "snappy", "lz4", "zstd") for i in range(6))
    for strategy in ("range", "cooperative-sticky"):
        reader = consumer(PREFIX + "-" + strategy, **{"partition.assignment.strategy": strategy})
        read = []
        for record in records(reader, SOURCE, 30):
            assert record.headers()[0][1].decode() == record.value().decode().split("-")[0]
            read.append(record.value().decode())
        assert sorted(read) == expected, read
        reader.commit(asynchronous=False)
        reader.close()
    copy()
    checker = consumer(PREFIX + "-checkers")
    assert sorted(record.value().decode() for record in records(checker, TARGET, 30)) == expected
    low, high = checker.get_watermark_offsets(TopicPartition(TARGET, 0), 30)
    # 30 copies committed and 10 aborted, and a marker for each transaction.
    assert (low, high) == (0, 80), (low, high)
    checker.close()
    done(admin.delete_topics([SOURCE, TARGET]))
    print("done")


main()
