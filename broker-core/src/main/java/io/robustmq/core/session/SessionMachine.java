package io.robustmq.core.session;

import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The stored sessions and shared subscriptions of one partition. Sessions that end with their connection never come here. Owned by the partition's
 * loop.
 */
public final class SessionMachine implements Decider<SessionCommand, SessionFact, SessionEffect> {
    private final int partition;
    private int leaderEpoch;
    private final Map<String, State> sessions = new HashMap<>();
    private final GroupLedger groups = new GroupLedger();

    public SessionMachine(int partition) {
        this.partition = partition;
    }

    @Override
    public void leads(int epoch) {
        leaderEpoch = epoch;
    }

    @Override
    public List<SessionEffect> dropped(BrokerError why) {
        return why == BrokerError.NOT_COORDINATOR ? List.of(new SessionEffect.Lost(partition)) : List.of();
    }

    @Override
    public Decision<SessionFact, SessionEffect> activated(long nowMs) {
        List<SessionSnapshot> all = new ArrayList<>();
        sessions.forEach((clientId, state) -> all.add(state.snapshot(clientId)));
        return Decision.effect(new SessionEffect.Loaded(partition, leaderEpoch, all, groups.all()));
    }

    @Override
    public Decision<SessionFact, SessionEffect> decide(SessionCommand command, long nowMs) {
        if (command instanceof SessionCommand.Tick) {
            return Decision.nothing();
        }
        if (command instanceof SessionCommand.InEpoch c) {
            return c.leaderEpoch() == leaderEpoch
                    ? decide(c.command(), nowMs)
                    : Decision.effect(new SessionEffect.OutOfDate(c.ticket()));
        }
        return new Decision<>(facts(command), List.of(new SessionEffect.Stored(command.ticket())));
    }

    private List<SessionFact> facts(SessionCommand command) {
        if (command instanceof SessionCommand.ConnectSession c) {
            return c.isNew() ? startNew(c) : connect(c);
        }
        if (command instanceof SessionCommand.ParkSession c) {
            List<SessionFact> facts =
                    changed(new SessionFact.SessionStarted(c.clientId(), c.expirySeconds(), c.atMs()));
            return c.keepsWill() ? facts : with(facts, wills(c.clientId(), null));
        }
        if (command instanceof SessionCommand.DropWill c) {
            return wills(c.clientId(), null);
        }
        if (command instanceof SessionCommand.EndSession c) {
            return end(c.clientId());
        }
        if (command instanceof SessionCommand.AddSubscriptions c) {
            return add(c);
        }
        if (command instanceof SessionCommand.RemoveSubscriptions c) {
            return remove(c);
        }
        if (command instanceof SessionCommand.MovePositions c) {
            return moved(c.clientId(), c.positions());
        }
        if (command instanceof SessionCommand.ChangeFlows c) {
            State state = sessions.get(c.clientId());
            return state == null ? List.of() : state.changed(c);
        }
        if (command instanceof SessionCommand.KeepGroup c) {
            return groups.kept(c.group());
        }
        if (command instanceof SessionCommand.EndGroup c) {
            return groups.ended(c.share());
        }
        throw new AssertionError(command);
    }

    private List<SessionFact> connect(SessionCommand.ConnectSession c) {
        List<SessionFact> facts = changed(new SessionFact.SessionStarted(c.clientId(), c.expirySeconds(), 0));
        return with(facts, wills(c.clientId(), c.will()));
    }

    /** That an earlier session has ended may not have been stored. */
    private List<SessionFact> startNew(SessionCommand.ConnectSession c) {
        List<SessionFact> facts = new ArrayList<>(end(c.clientId()));
        facts.add(new SessionFact.SessionStarted(c.clientId(), c.expirySeconds(), 0));
        if (c.will() != null) {
            facts.add(new SessionFact.WillKept(c.clientId(), c.will()));
        }
        return facts;
    }

    private List<SessionFact> changed(SessionFact.SessionStarted now) {
        State state = sessions.get(now.clientId());
        boolean same =
                state != null && state.expirySeconds == now.expirySeconds() && state.parkedAtMs == now.parkedAtMs();
        return same ? List.of() : List.of(now);
    }

    private static List<SessionFact> with(List<SessionFact> facts, List<SessionFact> more) {
        List<SessionFact> all = new ArrayList<>(facts);
        all.addAll(more);
        return all;
    }

    /** What makes this the will; null for none. What was known of the publishing of an earlier one is over. */
    private List<SessionFact> wills(String clientId, @Nullable StoredWill will) {
        State state = sessions.get(clientId);
        List<SessionFact> facts = new ArrayList<>(2);
        if (will != null && (state == null || !will.equals(state.will))) {
            facts.add(new SessionFact.WillKept(clientId, will));
        } else if (will == null && state != null && state.will != null) {
            facts.add(new SessionFact.WillDropped(clientId));
        }
        if (state != null && state.receipts.containsKey(StoredReceipt.WILL)) {
            facts.add(new SessionFact.ReceiptReleased(clientId, StoredReceipt.WILL));
        }
        return facts;
    }

    /** Every key of the session gets its tombstone, or compaction would keep the parts for ever. */
    private List<SessionFact> end(String clientId) {
        State state = sessions.get(clientId);
        if (state == null) {
            return List.of();
        }
        List<SessionFact> facts = new ArrayList<>();
        state.subscriptions.keySet().forEach(f -> facts.add(new SessionFact.SubscriptionRemoved(clientId, f)));
        state.positions.keySet().forEach(p -> facts.add(new SessionFact.PositionForgotten(clientId, p)));
        state.sent.keySet().forEach(of -> facts.add(new SessionFact.SentForgotten(clientId, of)));
        state.flows.keySet().forEach(id -> facts.add(new SessionFact.FlowSettled(clientId, id)));
        state.receipts.keySet().forEach(id -> facts.add(new SessionFact.ReceiptReleased(clientId, id)));
        state.shares.forgettingAll().forEach(s -> facts.add(new SessionFact.ShareSettled(clientId, s)));
        if (state.will != null) {
            facts.add(new SessionFact.WillDropped(clientId));
        }
        facts.add(new SessionFact.SessionEnded(clientId));
        return facts;
    }

    private List<SessionFact> add(SessionCommand.AddSubscriptions command) {
        State state = sessions.get(command.clientId());
        if (state == null) {
            return List.of();
        }
        // Where it has come to before is not given up: what it has not settled may lie there.
        Map<Partition, Long> begins = new HashMap<>(command.positions());
        begins.keySet().removeAll(state.positions.keySet());
        List<SessionFact> facts = new ArrayList<>(moved(command.clientId(), begins));
        for (StoredSubscription added : command.added()) {
            if (!added.equals(state.subscriptions.get(added.filter()))) {
                facts.add(new SessionFact.SubscriptionAdded(command.clientId(), added));
            }
        }
        return facts;
    }

    private List<SessionFact> remove(SessionCommand.RemoveSubscriptions command) {
        State state = sessions.get(command.clientId());
        List<SessionFact> facts = new ArrayList<>();
        for (String filter : command.filters()) {
            if (state != null && state.subscriptions.containsKey(filter)) {
                facts.add(new SessionFact.SubscriptionRemoved(command.clientId(), filter));
            }
        }
        // Behind them: a subscription without position would begin where the partition does.
        for (Partition partition : command.forgotten()) {
            if (state != null && state.positions.containsKey(partition)) {
                facts.add(new SessionFact.PositionForgotten(command.clientId(), partition));
            }
        }
        return facts;
    }

    private List<SessionFact> moved(String clientId, Map<Partition, Long> positions) {
        State state = sessions.get(clientId);
        List<SessionFact> facts = new ArrayList<>();
        if (state != null) {
            positions.forEach((at, offset) -> {
                if (!Objects.equals(state.positions.get(at), offset)) {
                    facts.add(new SessionFact.PositionMoved(clientId, at, offset));
                }
            });
        }
        return facts;
    }

    @Override
    public void apply(SessionFact fact) {
        if (groups.apply(fact)) {
            return;
        }
        if (fact instanceof SessionFact.SessionEnded) {
            sessions.remove(fact.clientId());
            return;
        }
        // Replaying a compacted log, parts may come before the session's own fact, which was written again later.
        State state = sessions.computeIfAbsent(fact.clientId(), id -> new State());
        if (fact instanceof SessionFact.SessionStarted f) {
            state.expirySeconds = f.expirySeconds();
            state.parkedAtMs = f.parkedAtMs();
        } else if (fact instanceof SessionFact.SubscriptionAdded f) {
            state.subscriptions.put(f.subscription().filter(), f.subscription());
        } else if (fact instanceof SessionFact.SubscriptionRemoved f) {
            state.subscriptions.remove(f.filter());
        } else if (fact instanceof SessionFact.PositionMoved f) {
            state.positions.put(f.partition(), f.offset());
        } else if (fact instanceof SessionFact.PositionForgotten f) {
            state.positions.remove(f.partition());
        } else if (fact instanceof SessionFact.WillKept f) {
            state.will = f.will();
        } else if (fact instanceof SessionFact.WillDropped) {
            state.will = null;
        } else {
            state.applyFlow(fact);
        }
    }

    /** One session. */
    private static final class State {
        long expirySeconds;
        long parkedAtMs;

        @Nullable
        StoredWill will;

        final Map<String, StoredSubscription> subscriptions = new LinkedHashMap<>();
        final Map<Partition, Long> positions = new HashMap<>();
        final Map<SentOf, Long> sent = new HashMap<>(0);
        final Map<Integer, StoredFlow> flows = new LinkedHashMap<>(0);
        final Map<Integer, StoredReceipt> receipts = new HashMap<>(0);
        final ShareLedger shares = new ShareLedger();

        /** What changes nothing is no fact: a node may say a thing twice. */
        List<SessionFact> changed(SessionCommand.ChangeFlows c) {
            List<SessionFact> facts = new ArrayList<>();
            List<StoredFlow> settled = c.settled().stream()
                    .map(flows::get)
                    .filter(Objects::nonNull)
                    .toList();
            List<StoredFlow> over = new ArrayList<>(settled);
            // A packet id that is another message's by now: its first one was settled, whether that was said or not.
            c.kept().stream()
                    .map(kept -> flows.get(kept.packetId()))
                    .filter(before -> before != null && !settled.contains(before) && isReplaced(before, c.kept()))
                    .forEach(over::add);
            // Before the flows go: at any moment a message is known by one of both.
            shares.settling(over, c.floors()).forEach(s -> facts.add(new SessionFact.ShareSettled(c.clientId(), s)));
            settled.forEach(flow -> facts.add(new SessionFact.FlowSettled(c.clientId(), flow.packetId())));
            c.kept().forEach(flow -> facts.add(new SessionFact.FlowKept(c.clientId(), flow)));
            // Behind the flows: what is passed over because it was sent must be known as a flow.
            c.sent().forEach((of, offset) -> {
                if (offset > sent.getOrDefault(of, 0L)) {
                    facts.add(new SessionFact.SentMoved(c.clientId(), of, offset));
                }
            });
            c.released().stream()
                    .filter(receipts::containsKey)
                    .forEach(id -> facts.add(new SessionFact.ReceiptReleased(c.clientId(), id)));
            c.received().forEach(receipt -> facts.add(new SessionFact.ReceiptKept(c.clientId(), receipt)));
            return facts;
        }

        private static boolean isReplaced(StoredFlow before, List<StoredFlow> kept) {
            return kept.stream()
                    .anyMatch(flow -> flow.packetId() == before.packetId()
                            && !(flow.partition().equals(before.partition()) && flow.offset() == before.offset()));
        }

        void applyFlow(SessionFact fact) {
            if (fact instanceof SessionFact.SentMoved f) {
                sent.put(f.of(), f.offset());
            } else if (fact instanceof SessionFact.SentForgotten f) {
                sent.remove(f.of());
            } else if (fact instanceof SessionFact.FlowKept f) {
                if (!f.flow().released()) {
                    // The packet id may have been another message's: this one was sent last.
                    flows.remove(f.flow().packetId());
                }
                flows.put(f.flow().packetId(), f.flow());
            } else if (fact instanceof SessionFact.FlowSettled f) {
                flows.remove(f.packetId());
            } else if (fact instanceof SessionFact.ReceiptKept f) {
                receipts.put(f.receipt().packetId(), f.receipt());
            } else if (fact instanceof SessionFact.ReceiptReleased f) {
                receipts.remove(f.packetId());
            } else if (fact instanceof SessionFact.ShareSettled f) {
                shares.apply(f.share());
            } else {
                throw new AssertionError(fact);
            }
        }

        SessionSnapshot snapshot(String clientId) {
            return new SessionSnapshot(
                    clientId,
                    expirySeconds,
                    parkedAtMs,
                    List.copyOf(subscriptions.values()),
                    positions,
                    sent,
                    List.copyOf(flows.values()),
                    List.copyOf(receipts.values()),
                    shares.all(),
                    will);
        }
    }
}
