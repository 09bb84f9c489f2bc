package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a shared subscription's member has no room for. */
class ShareQueueTest {
    @Test
    void aMessageForWhichOneMemberHasNoRoomGoesToAnother() {
        SimPair pair = new SimPair(2);
        List<SimDevice> members = List.of(pair.member(SimPair.DEALER, 5), pair.member(SimPair.DEALER, 5));
        pair.publish(5, 2);
        pair.acknowledge(1000);
        assertThat(members.stream().flatMap(member -> member.delivered().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.iterate(0, i -> i + 1).limit(5).toList());
    }

    @Test
    void aMemberThatHadNoRoomIsDealtMessagesAgainLater() {
        SimPair pair = new SimPair(2);
        SimDevice member = pair.member(SimPair.DEALER, 5);
        pair.publish(4, 2);
        pair.acknowledge(3000);
        assertThat(member.delivered()).containsExactlyInAnyOrder(0, 1, 2, 3);
    }
}
