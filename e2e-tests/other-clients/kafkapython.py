"""kafka-python, all of it Python, against a broker: arguments are its address and a prefix for names.

It knows no transactions. Ends with 0 and "done", or with what went wrong.
"""

import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

BOOTSTRAP, PREFIX = sys.argv[1:]
TOPIC = PREFIX + "-topic"
GROUP = PREFIX + "-group"
CODECS = (None, "gzip")


def administer(admin):
    admin.create_topics([NewTopic(TOPIC, 2, 1, topic_configs={"retention.ms": "3600000"})])
    (answer,) = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC)])
    configs = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert configs["retention.ms"] == "3600000", configs
    admin.create_partitions({TOPIC: NewPartitions(3)})
    assert TOPIC in admin.list_topics()


def produce():
    for codec in CODECS:
        producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", compression_type=codec)
        for i in range(30):
            headers = [("codec", str(codec).encode())]
            value = ("%s-%d" % (codec, i)).encode()
            producer.send(TOPIC, value, ("k%d" % i).encode(), headers, i % 3, timestamp_ms=1000 + i).get(30)
        producer.close()


def consumer():
    return KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP,
        group_id=GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=10000,
    )


def read(reader, count):
    deadline = time.monotonic() + 60
    records = []
    while len(records) < count:
        assert time.monotonic() < deadline, "only %d of %d records" % (len(records), count)
        for batch in reader.poll(200).values():
            records.extend(batch)
    return records


def main():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    administer(admin)
    produce()
    expected = sorted("%s-%d" % (codec, i) for codec in CODECS for i in range(30))
    reader = consumer()
    records = read(reader, len(expected))
    assert sorted(record.value.decode() for record in records) == expected
    assert all(record.headers[0][1].decode() == record.value.decode().split("-")[0] for record in records)
    reader.commit()
    first = TopicPartition(TOPIC, 0)
    assert reader.end_offsets([first]) == {first: 20}
    assert reader.offsets_for_times({first: 1003})[first].offset == 1
    reader.close()
    offsets = admin.list_consumer_group_offsets(GROUP)
    assert sum(each.offset for each in offsets.values()) == len(expected), offsets
    # Goes on where it was, and back where it is told.
    reader = consumer()
    read(reader, 0)
    while not reader.assignment():
        reader.poll(200)
    assert reader.committed(first) == 20
    reader.commit({first: OffsetAndMetadata(19, "")})
    reader.close()
    reader = consumer()
    assert [record.offset for record in read(reader, 1)] == [19]
    reader.close()
    assert GROUP in [group[0] for group in admin.list_consumer_groups()]
    assert admin.delete_consumer_groups([GROUP])[0][1].errno == 0
    admin.delete_topics([TOPIC])
    print("done")


main()
