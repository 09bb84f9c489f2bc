package io.robustmq.core.coordinator;

import io.robustmq.core.error.BrokerError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A Decider small enough to see through: named counters, and people who wait in its memory. */
final class CounterMachine implements Decider<CounterMachine.Command, CounterMachine.Counted, String> {
    final Map<String, Long> counts = new HashMap<>();
    final List<String> parked = new ArrayList<>();
    private long wakeAtMs = NEVER;

    record Command(String verb, String name) {}

    record Counted(String name, long count) {}

    @Override
    public Decision<Counted, String> decide(Command command, long nowMs) {
        String name = command.name();
        long count = counts.getOrDefault(name, 0L);
        return switch (command.verb()) {
            case "add" -> Decision.of(new Counted(name, count + 1), name + "=" + (count + 1));
            case "get" -> Decision.effect(name + "=" + count);
            case "bulk" -> bulk(name);
            case "park" -> {
                parked.add(name);
                yield Decision.nothing();
            }
            case "wake" -> {
                wakeAtMs = nowMs + Long.parseLong(name);
                yield Decision.nothing();
            }
            case "tick" -> {
                wakeAtMs = NEVER;
                yield Decision.effect("tick");
            }
            default -> throw new AssertionError(command);
        };
    }

    private static Decision<Counted, String> bulk(String name) {
        List<Counted> facts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            facts.add(new Counted(name + i, i));
        }
        return new Decision<>(facts, List.of(name + " done"));
    }

    @Override
    public void apply(Counted fact) {
        counts.put(fact.name(), fact.count());
    }

    @Override
    public Decision<Counted, String> activated(long nowMs) {
        return Decision.effect("activated with " + counts.size());
    }

    @Override
    public List<String> dropped(BrokerError why) {
        List<String> effects = new ArrayList<>();
        parked.forEach(name -> effects.add(name + " dropped " + why));
        if (why == BrokerError.NOT_COORDINATOR) {
            effects.add("lost");
        }
        return effects;
    }

    @Override
    public long wakeAtMs() {
        return wakeAtMs;
    }

    /** Text, so that a test can read it. */
    static final class Codec implements FactCodec<Counted> {
        @Override
        public byte[] key(Counted fact) {
            return fact.name().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] value(Counted fact) {
            return Long.toString(fact.count()).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Counted decode(byte[] key, byte[] value) {
            return new Counted(
                    new String(key, StandardCharsets.UTF_8), Long.parseLong(new String(value, StandardCharsets.UTF_8)));
        }
    }
}
