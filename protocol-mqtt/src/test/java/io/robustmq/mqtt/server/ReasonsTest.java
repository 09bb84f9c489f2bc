package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReasonsTest {
    /** CONNACK of MQTT 5 has no code for a server that shuts down. */
    @Test
    void whoIsStillConnectingIsToldThatTheServerIsUnavailable() {
        assertThat(Reasons.inConnack(Reasons.SERVER_SHUTTING_DOWN)).isEqualTo(0x88);
        assertThat(Reasons.inConnack(Reasons.BANNED)).isEqualTo(Reasons.BANNED);
    }
}
