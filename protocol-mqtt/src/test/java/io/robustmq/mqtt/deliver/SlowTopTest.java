package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlowTopTest {
    private final SlowTop top = new SlowTop(2, 1000);

    @Test
    void theSlowestStayAndEachIsThereOnce() {
        top.took("a", "t", 500, 0);
        top.took("b", "t", 700, 1);
        top.took("a", "u", 600, 2);
        top.took("a", "t", 550, 3);
        assertThat(top.list(4))
                .containsExactlyInAnyOrder(new SlowClient("a", "u", 600, 3, 3), new SlowClient("b", "t", 700, 1, 1));
        top.took("c", "t", 400, 4);
        assertThat(top.list(4)).extracting(SlowClient::clientId).containsExactlyInAnyOrder("a", "b");
        top.took("c", "t", 650, 5);
        assertThat(top.list(5)).extracting(SlowClient::clientId).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void whoWasSlowLongAgoIsForgotten() {
        top.took("a", "t", 500, 0);
        top.took("b", "t", 700, 0);
        assertThat(top.list(1000)).isEmpty();
        top.took("c", "t", 400, 1000);
        assertThat(top.list(1000)).extracting(SlowClient::clientId).containsExactly("c");
        top.took("c", "t", 300, 2000);
        assertThat(top.list(2000)).containsExactly(new SlowClient("c", "t", 300, 1, 2000));
        top.clear();
        assertThat(top.list(2000)).isEmpty();
    }
}
