package io.robustmq.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.session.FlowMachine.Received;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowMachineTest {
    private static final PartitionLog LOG = new PartitionLog(new Partition(new TopicId(1, 1), 0), "t");

    private final FlowMachine flow = new FlowMachine(3);

    private List<Integer> inFlight() {
        List<Integer> ids = new ArrayList<>();
        for (InFlight sent = flow.oldest(); sent != null; sent = sent.next()) {
            ids.add(sent.packetId());
        }
        return ids;
    }

    private int send(int qos, long offset) {
        return flow.send(LOG, offset, qos, null).packetId();
    }

    @Test
    void acknowledgementsInAnyOrderKeepTheOrderOfTheRest() {
        int first = send(1, 10);
        int second = send(2, 11);
        int third = send(1, 12);
        assertThat(flow.hasWindow()).isFalse();
        assertThat(flow.puback(third).offset()).isEqualTo(12);
        assertThat(inFlight()).containsExactly(first, second);
        assertThat(flow.puback(first).offset()).isEqualTo(10);
        int fourth = send(1, 13);
        assertThat(inFlight()).containsExactly(second, fourth);
    }

    @Test
    @Statement(
            value = {"MQTT-4.3.3-3", "MQTT-4.3.3-5"},
            v3 = "MQTT-4.3.3-1")
    void qos2IsSettledByPubcompOnly() {
        int id = send(2, 1);
        assertThat(flow.puback(id)).as("PUBACK for QoS 2").isNull();
        assertThat(flow.pubrec(id, false)).isEqualTo(Received.RELEASE);
        assertThat(flow.find(id).state()).isEqualTo(InFlight.State.RELEASED);
        assertThat(flow.pubrec(id, false)).as("a repeated PUBREC").isEqualTo(Received.RELEASE);
        assertThat(flow.pubcomp(id).offset()).isEqualTo(1);
        assertThat(flow.pubcomp(id)).isNull();
        assertThat(flow.pubrec(id, false)).isEqualTo(Received.UNKNOWN);
    }

    @Test
    @Statement("MQTT-4.4.0-2")
    void aRefusedMessageIsSettled() {
        int id = send(2, 1);
        assertThat(flow.pubrec(id, true)).isEqualTo(Received.SETTLED);
        assertThat(flow.inFlight()).isZero();
    }

    @Test
    @Statement(
            value = {"MQTT-2.2.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1"},
            v3 = "MQTT-2.3.1-4")
    void packetIdsInUseAreSkippedWhenTheyWrap() {
        int stuck = send(2, 0);
        for (int i = 0; i < FlowMachine.PACKET_ID_MAX - 1; i++) {
            flow.puback(send(1, i));
        }
        int next = send(1, 1);
        assertThat(stuck).isEqualTo(1);
        assertThat(next).isEqualTo(2);
    }

    @Test
    @Statement("MQTT-4.3.3-12")
    void anIncomingQos2IdIsADuplicateUntilReleased() {
        assertThat(flow.receive(7)).isTrue();
        assertThat(flow.receive(7)).isFalse();
        assertThat(flow.unreleased()).isEqualTo(1);
        assertThat(flow.release(7)).isTrue();
        assertThat(flow.release(7)).isFalse();
        assertThat(flow.receive(7)).isTrue();
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-3.3.4-9"})
    void whatIsInFlightIsSentAgainInOrderWithinTheNewWindow() {
        int first = send(1, 10);
        int second = send(2, 11);
        int third = send(1, 12);
        flow.pubrec(second, false);
        flow.window(2);
        flow.resume();
        for (int id : new int[] {first, second}) {
            assertThat(flow.nextAgain().packetId()).isEqualTo(id);
            flow.sentAgain(flow.nextAgain());
        }
        assertThat(flow.nextAgain()).as("two are out").isNull();
        assertThat(flow.isResuming()).isTrue();
        assertThat(flow.hasWindow()).isFalse();
        flow.puback(first);
        assertThat(flow.nextAgain().packetId()).isEqualTo(third);
        flow.puback(third);
        assertThat(flow.isResuming())
                .as("acknowledged before it was sent again")
                .isFalse();
    }

    @Test
    void ofAMessageInDoubtOnlyTheLastWhoAsksWaits() {
        FlowMachine.Receipt doubted = flow.restoreDoubted(7);
        List<String> told = new ArrayList<>();
        flow.whenAppended(7, reason -> told.add("first " + reason));
        flow.whenAppended(7, reason -> told.add("second " + reason));
        assertThat(told).containsExactly("first " + FlowMachine.ABSENT);
        assertThat(flow.remembers(7, doubted)).isTrue();
        flow.decided(7, true);
        assertThat(told).containsExactly("first " + FlowMachine.ABSENT, "second 0");
        assertThat(flow.takeRestored(7)).isTrue();
        flow.restoreAgain(7);
        assertThat(flow.takeRestored(7)).isTrue();
        flow.release(7);
        flow.receive(7);
        assertThat(flow.remembers(7, doubted)).isFalse();
    }
}
