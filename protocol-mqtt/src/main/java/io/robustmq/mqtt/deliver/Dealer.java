package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionCommand.EndGroup;
import io.robustmq.core.session.SessionCommand.KeepGroup;
import io.robustmq.core.session.StoredGroup;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.ShareNode;
import io.robustmq.mqtt.share.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The shared and exclusive subscriptions that this node deals: those whose text hashes to a partition of sessions that it leads; on a
 * node alone, all. Owned by the router's loop.
 */
final class Dealer {
    private static final int STORE_MS = 1000;
    /** The one table of a node that is alone. */
    static final int ALONE = 0;

    private final Router router;
    private final Loop loop;
    private final SessionStorage storage;
    private final SessionLimits limits;
    private final Map<Integer, DealerTable> tables = new HashMap<>();
    private final Set<ShareGroup> touched = new LinkedHashSet<>();
    private boolean scheduled;
    private @Nullable Homes homes;
    private @Nullable IntFunction<ShareNode> nodes;

    Dealer(Router router, SessionStorage storage, SessionLimits limits) {
        this.router = router;
        this.loop = router.loop();
        this.storage = storage;
        this.limits = limits;
        tables.put(ALONE, new DealerTable(this, router.seats()));
    }

    /** In a cluster: where sessions live, and how their homes are reached. */
    void liveIn(Homes where, IntFunction<ShareNode> others) {
        tables.clear();
        homes = where;
        nodes = others;
    }

    Router router() {
        return router;
    }

    ShareNode node(int id) {
        IntFunction<ShareNode> others = nodes;
        if (others == null) {
            throw new IllegalStateException("there are no other nodes");
        }
        return others.apply(id);
    }

    ShareGroup newGroup(TopicFilter filter) {
        return new ShareGroup(this, filter, limits);
    }

    private @Nullable DealerTable tableOf(String text) {
        Homes where = homes;
        return tables.get(where == null ? ALONE : where.partitionOf(text));
    }

    // ---- which it deals

    /** On a node alone: all groups and all seats are back from storage. */
    void restored(List<StoredGroup> groups) {
        DealerTable table = tables.get(ALONE);
        if (table != null) {
            table.restored(groups);
        }
    }

    /** This node leads the partition of sessions, in this epoch. */
    void leads(int partition, int epoch, List<StoredGroup> groups) {
        Homes where = homes;
        lost(partition);
        if (where != null) {
            DealerTable table = new DealerTable(this, router.seats(), where, partition, epoch, groups);
            tables.put(partition, table);
            table.look();
        }
    }

    /** Another node deals. */
    void lost(int partition) {
        DealerTable table = tables.remove(partition);
        if (table != null) {
            table.close();
        }
    }

    /** A home has been asked by one that deals in a later epoch. */
    void lostTo(int partition, int epoch) {
        DealerTable table = tables.get(partition);
        if (table != null && table.epoch() < epoch) {
            lost(partition);
        }
    }

    /** Homes may have moved, or sessions of this node are back. */
    void look() {
        for (DealerTable table : List.copyOf(tables.values())) {
            table.look();
        }
    }

    boolean deals(int partition) {
        return tables.containsKey(partition);
    }

    // ---- what homes say

    void claim(SeatState seat, long round, Consumer<Claimed> reply) {
        DealerTable table = tableOf(seat.share());
        if (table == null) {
            reply.accept(Claimed.AGAIN);
        } else {
            table.claim(seat, round, reply);
        }
    }

    void tell(Told told, Consumer<Boolean> arrived) {
        DealerTable table = tables.get(told.stamp().table());
        if (table == null) {
            arrived.accept(true);
        } else {
            table.tell(told, arrived);
        }
    }

    /** The subscription of a member here has ended. */
    void gone(ShareMember member) {
        DealerTable table = tableOf(member.group().text());
        if (table != null) {
            table.gone(member);
        }
    }

    // ---- what members get

    void deal(ShareMember member, PartitionLog log, long offset, boolean owed) {
        DealerTable table = tableOf(member.group().text());
        if (table != null) {
            table.deal(member, log.partition(), offset, owed);
        }
    }

    // ---- what is stored

    /** The group's place is stored soon. */
    void touched(ShareGroup group) {
        touched.add(group);
        if (!scheduled) {
            scheduled = true;
            loop.schedule(STORE_MS, this::store);
        }
    }

    /** How far the tails are is known now where it was not. */
    void touchAll() {
        tables.values().forEach(DealerTable::touchAll);
    }

    /** Stores what was touched, now. */
    void store() {
        scheduled = false;
        List<ShareGroup> due = new ArrayList<>(touched);
        touched.clear();
        for (ShareGroup group : due) {
            DealerTable table = tableOf(group.text());
            if (table != null && table.has(group)) {
                if (group.isJoined()) {
                    store(table, group, error -> {});
                } else {
                    touched(group);
                }
            }
        }
    }

    /** {@code done} when it survives a crash, if it has to. */
    void store(DealerTable table, ShareGroup group, Consumer<BrokerError> done) {
        StoredGroup place = group.place(router.tails().positions(group.filter()));
        if (!keeps(group)) {
            group.passed(place);
            done.accept(BrokerError.NONE);
            return;
        }
        group.kept();
        storage.submit(group.text(), ticket -> new KeepGroup(ticket, place), error -> {
            if (table.has(group)) {
                if (error == BrokerError.NONE) {
                    group.stored();
                    group.passed(place);
                    table.floors(place);
                } else {
                    touched(group);
                }
            }
            done.accept(error);
        });
    }

    /** Without other nodes a crash ends what no stored session is a member of. */
    boolean keeps(ShareGroup group) {
        return homes != null || group.isKept() || group.hasPersistent();
    }

    void ended(ShareGroup group) {
        touched.remove(group);
        if (group.isKept()) {
            forget(group.text());
        }
    }

    /** Nobody has a part in it. */
    void forget(String text) {
        storage.submit(text, ticket -> new EndGroup(ticket, text), error -> {});
    }

    /** Where a group that was not stored begins. */
    Map<Partition, Long> endsFor(String filter) {
        Map<Partition, Long> ends = new HashMap<>();
        router.tails().open(filter);
        router.tails().reached(filter).forEach((log, offset) -> ends.put(log.partition(), offset));
        return ends;
    }
}
