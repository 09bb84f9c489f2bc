package io.robustmq.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimLoopTest {
    private final SimLoop loop = new SimLoop(1_000);
    private final List<String> ran = new ArrayList<>();

    @Test
    void tasksRunInOrderAndOnlyWhenTold() {
        loop.execute(() -> {
            ran.add("first");
            loop.execute(() -> ran.add("third"));
        });
        loop.execute(() -> ran.add("second"));
        assertThat(ran).isEmpty();
        loop.run();
        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void timersRunAtTheirMomentUnlessCancelled() {
        loop.schedule(30, () -> ran.add("late@" + loop.nowMs()));
        loop.schedule(10, () -> ran.add("early@" + loop.nowMs()));
        loop.schedule(20, () -> ran.add("never")).cancel();
        loop.advance(29);
        assertThat(ran).containsExactly("early@1010");
        loop.advance(1);
        assertThat(ran).containsExactly("early@1010", "late@1030");
        assertThat(loop.nowMs()).isEqualTo(1_030);
    }

    @Test
    void codeKnowsWhetherItRunsInTheLoop() {
        assertThat(loop.inLoop()).isFalse();
        loop.execute(() -> ran.add(String.valueOf(loop.inLoop())));
        loop.run();
        assertThat(ran).containsExactly("true");
    }
}
