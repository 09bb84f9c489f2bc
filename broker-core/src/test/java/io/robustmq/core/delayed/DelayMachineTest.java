package io.robustmq.core.delayed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.delayed.DelayEffect.Outcome;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.WaitingPublish;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.record.RecordHeader;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DelayMachineTest {
    private static final Partition P0 = new Partition(new TopicId(1, 2), 3);
    private static final DelayedMessage FIRST = message("a", 1000);
    private static final DelayedMessage SECOND = message("b", 2000);

    private final DelayMachine machine = new DelayMachine(2, 10_000);
    private final DelayCodec codec = new DelayCodec();

    private static DelayedMessage message(String id, long dueAtMs) {
        WaitingPublish publish = new WaitingPublish(
                "t/" + id,
                Unpooled.wrappedBuffer(new byte[] {1, 2}),
                PublishProperties.of(2, true),
                Principal.user("u", "::1"));
        return new DelayedMessage(id, dueAtMs, "client", publish);
    }

    private void given(DelayFact... facts) {
        for (DelayFact fact : facts) {
            machine.apply(codec.decode(codec.key(fact), codec.value(fact)));
        }
    }

    private Decision<DelayFact, DelayEffect> when(DelayCommand command, long nowMs) {
        return machine.decide(command, nowMs);
    }

    private static Decision<DelayFact, DelayEffect> told(DelayEffect... effects) {
        return new Decision<>(List.of(), List.of(effects));
    }

    @Test
    void aMessageWaitsForItsTimeAndIsToldOnce() {
        assertThat(when(new DelayCommand.Delay(1, FIRST, List.of()), 0))
                .isEqualTo(Decision.of(new DelayFact.MessageDelayed(FIRST), new DelayEffect.Answered(1, Outcome.DONE)));
        given(new DelayFact.MessageDelayed(SECOND), new DelayFact.MessageDelayed(FIRST));
        assertThat(machine.wakeAtMs()).isEqualTo(1000);
        assertThat(when(new DelayCommand.Tick(), 999)).isEqualTo(told());
        assertThat(when(new DelayCommand.Tick(), 1000)).isEqualTo(told(new DelayEffect.Due(FIRST)));
        assertThat(when(new DelayCommand.Tick(), 1500)).isEqualTo(told());
        assertThat(machine.wakeAtMs()).isEqualTo(2000);
    }

    @Test
    void whereItGoesIsStoredBeforeItIsAppended() {
        given(new DelayFact.MessageDelayed(FIRST));
        DelayFact begun = new DelayFact.PublishBegun("a", P0, 7);
        assertThat(when(new DelayCommand.BeginPublish("a", P0, 7), 1000))
                .isEqualTo(Decision.of(begun, new DelayEffect.Append("a")));
        given(begun);
        assertThat(machine.activated(0)).isEqualTo(told(new DelayEffect.Doubtful(FIRST, P0, 7)));
        assertThat(when(new DelayCommand.Tick(), 5000))
                .as("who asked is told what is in doubt")
                .isEqualTo(told());
        assertThat(when(new DelayCommand.EndPublish("a"), 5000).facts())
                .containsExactly(new DelayFact.MessageGone("a"), new DelayFact.PublishForgotten("a"));
        given(new DelayFact.MessageGone("a"), new DelayFact.PublishForgotten("a"));
        assertThat(machine.activated(0)).isEqualTo(told());
        assertThat(when(new DelayCommand.BeginPublish("a", P0, 7), 1000)).isEqualTo(told());
    }

    @Test
    void whatTheLogDoesNotTakeIsDueAgainLater() {
        given(new DelayFact.MessageDelayed(FIRST));
        when(new DelayCommand.Tick(), 1000);
        assertThat(when(new DelayCommand.Postpone("a"), 1000)).isEqualTo(told());
        assertThat(machine.wakeAtMs()).isEqualTo(6000);
        assertThat(when(new DelayCommand.Tick(), 6000)).isEqualTo(told(new DelayEffect.Due(FIRST)));
        assertThat(machine.wakeAtMs()).isEqualTo(Decider.NEVER);
    }

    @Test
    void asManyWaitAsMay() {
        given(new DelayFact.MessageDelayed(FIRST), new DelayFact.MessageDelayed(SECOND));
        assertThat(when(new DelayCommand.Delay(1, message("c", 3), List.of()), 0))
                .isEqualTo(told(new DelayEffect.Answered(1, Outcome.FULL)));
        given(new DelayFact.MessageGone("a"));
        assertThat(when(new DelayCommand.Delay(1, message("c", 3), List.of()), 0)
                        .facts())
                .hasSize(1);
    }

    @Test
    void whatWaitsIsListedAndCancelled() {
        given(new DelayFact.MessageDelayed(SECOND), new DelayFact.MessageDelayed(FIRST));
        assertThat(when(new DelayCommand.List(1, "", 1), 0))
                .isEqualTo(told(new DelayEffect.Listed(1, List.of(FIRST), 2)));
        assertThat(when(new DelayCommand.List(1, "a", 9), 0))
                .isEqualTo(told(new DelayEffect.Listed(1, List.of(SECOND), 2)));
        assertThat(when(new DelayCommand.Cancel(2, "b"), 0))
                .isEqualTo(Decision.of(new DelayFact.MessageGone("b"), new DelayEffect.Answered(2, Outcome.DONE)));
        when(new DelayCommand.Tick(), 1000);
        assertThat(when(new DelayCommand.Cancel(2, "a"), 0))
                .as("on its way")
                .isEqualTo(told(new DelayEffect.Answered(2, Outcome.NOT_WAITING)));
    }

    @Test
    void whatStandsBesideAMessageGoesIntoItsRecord() {
        List<RecordHeader> marks = List.of(RecordHeader.of("k", "v"));
        DelayFact fact =
                when(new DelayCommand.Delay(1, FIRST, marks), 0).facts().get(0);
        assertThat(codec.headers(fact)).isEqualTo(marks);
        assertThat(codec.headers(new DelayFact.MessageGone("a"))).isEmpty();
        assertThat(codec.decode(codec.key(fact), codec.value(fact))).isEqualTo(new DelayFact.MessageDelayed(FIRST));
    }

    @Test
    void everyTruncatedRecordIsRefused() {
        for (DelayFact fact : List.of(new DelayFact.MessageDelayed(FIRST), new DelayFact.PublishBegun("a", P0, 7))) {
            byte[] value = codec.value(fact);
            assertThat(codec.decode(codec.key(fact), value)).isEqualTo(fact);
            for (int i = 0; i < value.length; i++) {
                byte[] cut = Arrays.copyOf(value, i);
                assertThatThrownBy(() -> codec.decode(codec.key(fact), cut))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
