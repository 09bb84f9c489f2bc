package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.ShareStrategy;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Chooses a member of a share by its strategy; only who may take one more is chosen. Owned by the router's loop. */
final class ShareChoice {
    private final ShareStrategy strategy;
    /** Of a small generator: good enough to spread, and no source of randomness outside the seed. */
    private int state;

    private int turn;
    private @Nullable ShareMember last;

    ShareChoice(ShareStrategy strategy, int seed) {
        this.strategy = strategy;
        this.state = seed | 1;
    }

    /**
     * Null when nobody may take a message.
     *
     * @param key what hashing strategies go by
     */
    @Nullable
    ShareMember choose(List<ShareMember> members, int key, Predicate<ShareMember> mayTake) {
        ShareMember chosen =
                switch (strategy) {
                    case LEAST_INFLIGHT -> leastOwing(members, mayTake);
                    case ROUND_ROBIN -> from(members, turn, mayTake);
                    case RANDOM -> from(members, next(members.size()), mayTake);
                    case STICKY -> {
                        ShareMember before = last;
                        boolean stays = before != null && members.contains(before) && mayTake.test(before);
                        yield stays ? before : from(members, turn, mayTake);
                    }
                    case HASH_CLIENT, HASH_TOPIC -> heaviest(members, key, mayTake);
                };
        last = chosen;
        turn = chosen == null ? turn : (members.indexOf(chosen) + 1) % members.size();
        return chosen;
    }

    private @Nullable ShareMember leastOwing(List<ShareMember> members, Predicate<ShareMember> mayTake) {
        ShareMember best = null;
        int least = Integer.MAX_VALUE;
        int size = members.size();
        for (int i = 0; i < size; i++) {
            ShareMember member = members.get((turn + i) % size);
            int owed = member.owed();
            if (owed < least && mayTake.test(member)) {
                best = member;
                least = owed;
            }
        }
        return best;
    }

    private static @Nullable ShareMember from(List<ShareMember> members, int start, Predicate<ShareMember> mayTake) {
        int size = members.size();
        for (int i = 0; i < size; i++) {
            ShareMember member = members.get((start + i) % size);
            if (mayTake.test(member)) {
                return member;
            }
        }
        return null;
    }

    /** Rendezvous hashing: a member that comes or goes moves only its own keys. */
    private static @Nullable ShareMember heaviest(List<ShareMember> members, int key, Predicate<ShareMember> mayTake) {
        ShareMember best = null;
        int heaviest = Integer.MIN_VALUE;
        for (ShareMember member : members) {
            int weight = mix(key ^ member.clientHash());
            if ((best == null || weight > heaviest) && mayTake.test(member)) {
                best = member;
                heaviest = weight;
            }
        }
        return best;
    }

    private static int mix(int value) {
        int hash = value * 0x9E3779B1;
        hash ^= hash >>> 15;
        hash *= 0x85EBCA6B;
        return hash ^ (hash >>> 13);
    }

    private int next(int bound) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return bound == 0 ? 0 : Math.floorMod(state, bound);
    }
}
