package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What one member of a share left to another, when the node stops before that one has settled it. */
class ShareHandOverTest {
    private static final int POSITIONS_ARE_STORED_MS = 3000;

    private final SimWorld world = new SimWorld(1, SimWorld.Kind.SHARED);

    @Test
    void aMessageIsNotLostThatWentToAMemberWhoHadComeFurther() {
        world.publish("t/a", 1);
        world.pass(POSITIONS_ARE_STORED_MS);
        SimDevice first = whoGotSomething(List.of());
        world.disconnect(first);
        world.pass(POSITIONS_ARE_STORED_MS);
        SimDevice second = whoGotSomething(List.of(first));
        world.crash();
        world.connect(second);
        assertThat(second.delivered()).containsExactly(0, 0);
    }

    private SimDevice whoGotSomething(List<SimDevice> but) {
        return world.devices().stream()
                .filter(device -> !but.contains(device) && !device.delivered().isEmpty())
                .findFirst()
                .orElseThrow();
    }
}
