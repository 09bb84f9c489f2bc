package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What every MQTT client is taken through: each QoS, a session that was away, retained, shared, a will. */
final class MqttTour {
    private static final int WAIT_SECONDS = 20;
    private static final int JOBS = 10;

    private MqttTour() {}

    /** One message as a client gets it. */
    record Got(String topic, String text, int qos, boolean retained) {}

    /** Messages in order of arrival. */
    static final class Inbox {
        private final BlockingQueue<Got> messages = new LinkedBlockingQueue<>();

        void add(Got message) {
            messages.add(message);
        }

        Got next() throws InterruptedException {
            Got message = messages.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no message");
            }
            return message;
        }
    }

    /** How the client under test does it. */
    interface Library {
        /** Connects; what comes goes to {@code inbox}. */
        Client connect(String clientId, boolean lasting, Inbox inbox) throws Exception;

        /** Connects with a will of QoS 1 and breaks off. */
        void die(String clientId, String willTopic, String text) throws Exception;
    }

    /** Connected. */
    interface Client {
        /** Of the CONNACK; MQTT 3.1 says nothing of it. */
        Optional<Boolean> sessionPresent();

        void subscribe(String filter, int qos) throws Exception;

        /** Returns when it is acknowledged. */
        void publish(String topic, String text, int qos, boolean retain) throws Exception;

        void disconnect() throws Exception;
    }

    static void run(Library library, String root) throws Exception {
        Client publisher = library.connect(root + "-publisher", false, new Inbox());
        var inbox = new Inbox();
        Client subscriber = library.connect(root + "-subscriber", true, inbox);
        assertThat(subscriber.sessionPresent()).isNotEqualTo(Optional.of(true));
        subscriber.subscribe(root + "/q/#", 2);
        for (int qos = 0; qos <= 2; qos++) {
            publisher.publish(root + "/q/" + qos, "with " + qos, qos, false);
            assertThat(inbox.next()).isEqualTo(new Got(root + "/q/" + qos, "with " + qos, qos, false));
        }
        subscriber.disconnect();
        publisher.publish(root + "/q/away", "one", 1, false);
        publisher.publish(root + "/q/away", "two", 2, false);
        subscriber = library.connect(root + "-subscriber", true, inbox);
        assertThat(subscriber.sessionPresent()).isNotEqualTo(Optional.of(false));
        assertThat(inbox.next().text()).isEqualTo("one");
        assertThat(inbox.next().text()).isEqualTo("two");
        retained(library, publisher, root);
        shared(library, publisher, root);
        library.die(root + "-dying", root + "/q/will", "gone");
        assertThat(inbox.next()).isEqualTo(new Got(root + "/q/will", "gone", 1, false));
        subscriber.disconnect();
        publisher.disconnect();
    }

    private static void retained(Library library, Client publisher, String root) throws Exception {
        publisher.publish(root + "/kept", "retained", 1, true);
        var inbox = new Inbox();
        Client late = library.connect(root + "-late", false, inbox);
        late.subscribe(root + "/kept", 1);
        assertThat(inbox.next()).isEqualTo(new Got(root + "/kept", "retained", 1, true));
        late.disconnect();
        publisher.publish(root + "/kept", "", 1, true);
    }

    private static void shared(Library library, Client publisher, String root) throws Exception {
        var inbox = new Inbox();
        List<Client> members = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            Client member = library.connect(root + "-member-" + name, false, inbox);
            member.subscribe("$share/g/" + root + "/jobs", 1);
            members.add(member);
        }
        List<String> jobs = IntStream.range(0, JOBS).mapToObj(Integer::toString).toList();
        for (String job : jobs) {
            publisher.publish(root + "/jobs", job, 1, false);
        }
        List<String> done = new ArrayList<>();
        while (done.size() < JOBS) {
            done.add(inbox.next().text());
        }
        assertThat(done).containsExactlyInAnyOrderElementsOf(jobs);
        for (Client member : members) {
            member.disconnect();
        }
    }
}
