package io.robustmq.mqtt.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceTest {
    private final List<String> lines = new ArrayList<>();
    private long now = 0;
    private final Traces traces = new Traces((trace, line) -> lines.add(trace + ": " + line), () -> now);

    @Test
    void whatPassesGoesToTheTracesThatLookForIt() {
        assertThat(traces.concern("c")).isFalse();
        assertThat(traces.start(new Trace("one", "c", "", 1000))).isTrue();
        assertThat(traces.start(new Trace("two", "", "a/#", 2000))).isTrue();
        assertThat(traces.start(new Trace("two", "d", "", 2000)))
                .as("the name is taken")
                .isFalse();
        assertThat(traces.concern("c")).isTrue();
        traces.passed("c", "a/b", "x");
        traces.passed("c", "", "y");
        traces.passed("d", "b", "z");
        assertThat(lines)
                .containsExactly(
                        "one: 1970-01-01T00:00:00Z client=c x",
                        "two: 1970-01-01T00:00:00Z client=c x",
                        "one: 1970-01-01T00:00:00Z client=c y");
        now = 1000;
        assertThat(traces.active()).extracting(Trace::name).containsExactly("two");
        assertThat(traces.stop("two")).isTrue();
        assertThat(traces.stop("two")).isFalse();
        assertThat(traces.concern("c")).isFalse();
    }

    @Test
    void thereAreNoMoreThanMayBe() {
        for (int i = 0; i < 16; i++) {
            assertThat(traces.start(new Trace("t" + i, "c", "", 1000))).isTrue();
        }
        assertThat(traces.start(new Trace("more", "c", "", 1000))).isFalse();
        now = 1000;
        assertThat(traces.start(new Trace("more", "c", "", 2000)))
                .as("those are over")
                .isTrue();
    }

    @Test
    void whatCannotBeTracedIsRefused() {
        for (String[] bad :
                new String[][] {{"", "c", ""}, {"a/b", "c", ""}, {"..", "c", ""}, {"n", "", ""}, {"n", "", "a/#/b"}}) {
            assertThatThrownBy(() -> new Trace(bad[0], bad[1], bad[2], 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aliasesAreFoundAmongTheProperties() {
        byte[] sent = {
            0x30, 8, 0, 1, 'x', 3, 0x23, 0, 9, 'p', // the topic itself
            0x32, 19, 0, 0, 0, 1, 13, 0x01, 1, 0x02, 0, 0, 0, 1, 0x0B, 5, 0x23, 1, 2, 'p', 'q', 0x30, 10, 0, 0, 7, 0x26,
            0, 1, 'k', 0, 1, 'v', // no alias
        };
        FrameScan scan = new FrameScan(true);
        List<String> packets = new ArrayList<>();
        scan.scan(Unpooled.wrappedBuffer(sent), (header, length, topic, alias) -> packets.add(topic + ":" + alias));
        assertThat(packets).containsExactly("x:0", ":258", ":0");
    }

    @Test
    void packetsAreFoundHoweverTheirBytesAreCut() {
        byte[] sent = {
            0x20, 2, 0, 0, 0x32, 7, 0, 3, 'a', '/', 'b', 0, 1, (byte) 0xD0, 0, 0x30, (byte) 0x81, 1, 0, 1, 'x'
        };
        byte[] all = java.util.Arrays.copyOf(sent, sent.length + 126);
        for (int size = 1; size <= all.length; size++) {
            FrameScan scan = new FrameScan(false);
            List<String> packets = new ArrayList<>();
            for (int at = 0; at < all.length; at += size) {
                scan.scan(
                        Unpooled.wrappedBuffer(all, at, Math.min(size, all.length - at)),
                        (header, length, topic, alias) ->
                                packets.add(Integer.toHexString(header) + " " + length + " " + topic));
            }
            assertThat(packets).containsExactly("20 2 ", "32 7 a/b", "d0 0 ", "30 129 x");
        }
    }
}
