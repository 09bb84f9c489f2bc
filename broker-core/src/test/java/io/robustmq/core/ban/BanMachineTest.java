package io.robustmq.core.ban;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.ban.BanEffect.Outcome;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BanMachineTest {
    private static final Ban CLIENT = new Ban(Ban.Kind.CLIENT, "c", "noisy", "User:root", 5, 1000);
    private static final Ban RANGE = new Ban(Ban.Kind.ADDRESS, "10.0.0.0/8", "", "", 5, Ban.FOR_EVER);

    private final BanMachine machine = new BanMachine(2);
    private final BanCodec codec = new BanCodec();

    private void given(BanFact... facts) {
        for (BanFact fact : facts) {
            machine.apply(codec.decode(codec.key(fact), codec.value(fact)));
        }
    }

    private Decision<BanFact, BanEffect> when(BanCommand command, long nowMs) {
        return machine.decide(command, nowMs);
    }

    @Test
    void aBanHoldsUntilItIsLiftedOrOver() {
        assertThat(when(new BanCommand.Impose(1, CLIENT), 0))
                .isEqualTo(new Decision<>(
                        List.of(new BanFact.BanImposed(CLIENT)),
                        List.of(new BanEffect.Imposed(CLIENT), new BanEffect.Answered(1, Outcome.DONE))));
        given(new BanFact.BanImposed(CLIENT), new BanFact.BanImposed(RANGE));
        assertThat(machine.activated(0).effects())
                .containsExactly(new BanEffect.Imposed(CLIENT), new BanEffect.Imposed(RANGE));
        assertThat(machine.wakeAtMs()).isEqualTo(1000);
        assertThat(when(new BanCommand.Tick(), 999).facts()).isEmpty();
        assertThat(when(new BanCommand.Tick(), 1000))
                .isEqualTo(Decision.of(new BanFact.BanLifted(CLIENT.key()), new BanEffect.Lifted(CLIENT.key())));
        given(new BanFact.BanLifted(CLIENT.key()));
        assertThat(machine.wakeAtMs()).isEqualTo(Decider.NEVER);
        assertThat(when(new BanCommand.Lift(2, RANGE.key()), 0).facts())
                .containsExactly(new BanFact.BanLifted(RANGE.key()));
        assertThat(when(new BanCommand.Lift(2, CLIENT.key()), 0))
                .isEqualTo(Decision.effect(new BanEffect.Answered(2, Outcome.NOT_BANNED)));
    }

    @Test
    void thereAreNoMoreThanMayBe() {
        given(new BanFact.BanImposed(CLIENT), new BanFact.BanImposed(RANGE));
        Ban user = new Ban(Ban.Kind.USER, "u", "", "", 5, Ban.FOR_EVER);
        assertThat(when(new BanCommand.Impose(1, user), 0))
                .isEqualTo(Decision.effect(new BanEffect.Answered(1, Outcome.FULL)));
        assertThat(when(new BanCommand.Impose(1, CLIENT), 0).facts()).hasSize(1);
    }

    @Test
    void everyTruncatedRecordIsRefused() {
        BanFact fact = new BanFact.BanImposed(CLIENT);
        byte[] value = codec.value(fact);
        for (int i = 0; i < value.length; i++) {
            byte[] cut = Arrays.copyOf(value, i);
            assertThatThrownBy(() -> codec.decode(codec.key(fact), cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theIndexFindsClientsUsersAndAddresses() {
        BanIndex index = new BanIndex();
        assertThat(index.find("c", "u", "10.1.2.3", 0)).isEmpty();
        index.put(CLIENT);
        index.put(RANGE);
        index.put(new Ban(Ban.Kind.ADDRESS, AddressRange.parse("2001:db8::1").toString(), "", "", 6, Ban.FOR_EVER));
        assertThat(index.find("c", "u", "", 999)).contains(CLIENT);
        assertThat(index.find("c", "u", "", 1000)).isEmpty();
        assertThat(index.find("d", "u", "10.255.0.1", 0)).contains(RANGE);
        assertThat(index.find("d", "u", "11.0.0.1", 0)).isEmpty();
        assertThat(index.findAddress("2001:db8:0:0:0:0:0:1", 0)).isPresent();
        assertThat(index.findAddress("2001:db8::2", 0)).isEmpty();
        assertThat(index.all()).hasSize(3);
        index.remove(RANGE.key());
        assertThat(index.findAddress("10.255.0.1", 0)).isEmpty();
    }

    @Test
    void rangesAreOfWholeAddresses() {
        assertThat(AddressRange.parse("10.1.2.3/9")).hasToString("10.0.0.0/9");
        assertThat(AddressRange.parse("10.1.2.3")).hasToString("10.1.2.3/32");
        for (String text : List.of("", "10.1.2", "10.1.2.3/33", "10.1.2.3/", "10.1.2.3/x", "host", "::1/129")) {
            assertThatThrownBy(() -> AddressRange.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
