"""Eclipse Paho for Python against a broker: arguments are its address and a prefix for names. Ends with 0 and "done"."""

import queue
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

HOST, PORT = sys.argv[1].split(":")
PREFIX = sys.argv[2]
WAIT_SECONDS = 20


class Client:
    """Connected, with its own thread, and an inbox."""

    def __init__(self, version, client_id, lasting=False, will=None):
        self.inbox = queue.Queue()
        self.connected = queue.Queue()
        self.subscribed = queue.Queue()
        five = version == mqtt.MQTTv5
        clean = {} if five else {"clean_session": not lasting}
        self.client = mqtt.Client(client_id=client_id, protocol=version, **clean)
        self.client.on_message = lambda _, __, m: self.inbox.put((m.topic, m.payload.decode(), m.qos, bool(m.retain)))
        self.client.on_connect = lambda _, __, flags, *rest: self.connected.put((bool(flags["session present"]), rest[0]))
        self.client.on_subscribe = lambda *_: self.subscribed.put(True)
        if will:
            self.client.will_set(*will)
        more = {}
        if five:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 3600 if lasting else 0
            more = {"clean_start": not lasting, "properties": properties}
        self.client.connect(HOST, int(PORT), **more)
        self.client.loop_start()
        self.session_present, reason = self.connected.get(timeout=WAIT_SECONDS)
        assert reason == 0, reason

    def subscribe(self, topic, qos):
        self.client.subscribe(topic, qos)
        self.subscribed.get(timeout=WAIT_SECONDS)

    def publish(self, topic, text, qos, retain=False):
        self.client.publish(topic, text, qos, retain).wait_for_publish(WAIT_SECONDS)

    def next(self):
        return self.inbox.get(timeout=WAIT_SECONDS)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def tour(version):
    root = f"{PREFIX}-v{version}"
    publisher = Client(version, f"{root}-publisher")

    subscriber = Client(version, f"{root}-subscriber", lasting=True)
    assert not subscriber.session_present
    subscriber.subscribe(f"{root}/q/#", 2)
    for qos in 0, 1, 2:
        publisher.publish(f"{root}/q/{qos}", f"with {qos}", qos)
        assert subscriber.next() == (f"{root}/q/{qos}", f"with {qos}", qos, False)

    subscriber.close()
    publisher.publish(f"{root}/q/away", "one", 1)
    publisher.publish(f"{root}/q/away", "two", 2)
    subscriber = Client(version, f"{root}-subscriber", lasting=True)
    assert subscriber.session_present
    assert [subscriber.next()[1], subscriber.next()[1]] == ["one", "two"]

    publisher.publish(f"{root}/kept", "retained", 1, retain=True)
    late = Client(version, f"{root}-late")
    late.subscribe(f"{root}/kept", 1)
    assert late.next() == (f"{root}/kept", "retained", 1, True)
    publisher.publish(f"{root}/kept", "", 1, retain=True)

    members = [Client(version, f"{root}-member-{name}") for name in "ab"]
    shared = queue.Queue()
    for member in members:
        member.inbox = shared
        member.subscribe(f"$share/g/{root}/jobs", 1)
    jobs = [str(i) for i in range(10)]
    for job in jobs:
        publisher.publish(f"{root}/jobs", job, 1)
    assert sorted(shared.get(timeout=WAIT_SECONDS)[1] for _ in jobs) == jobs

    dying = Client(version, f"{root}-dying", will=(f"{root}/q/will", "gone", 1))
    dying.client.loop_stop()
    dying.client.socket().close()
    assert subscriber.next() == (f"{root}/q/will", "gone", 1, False)

    for client in [publisher, subscriber, late, *members]:
        client.close()


for each in mqtt.MQTTv311, mqtt.MQTTv5:
    tour(each)
print("done")
