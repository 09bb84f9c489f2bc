package io.robustmq.core.group;

import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.group.GroupCommand.Client;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.MemberTerms;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A member of a group, alive or so believed until its deadline. Owned by the coordinator's loop. */
final class Member {
    final String id;
    final @Nullable String instanceId;
    Client client;
    MemberTerms terms;
    Bytes assignment = Bytes.EMPTY;
    /** Joined, but never yet part of a generation. */
    boolean isNew = true;

    long deadlineMs = Decider.NEVER;

    @Nullable
    Requester awaitingJoin;

    @Nullable
    Requester awaitingSync;

    Member(String id, @Nullable String instanceId, Client client, MemberTerms terms) {
        this.id = id;
        this.instanceId = instanceId;
        this.client = client;
        this.terms = terms;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    boolean supports(String protocol) {
        return find(protocol) != null;
    }

    /** What the member told about a protocol; empty if it does not support it. */
    Bytes metadata(@Nullable String protocol) {
        JoinProtocol found = find(protocol);
        return found == null ? Bytes.EMPTY : found.metadata();
    }

    boolean hasProtocols(List<JoinProtocol> protocols) {
        return terms.protocols().equals(protocols);
    }

    /** While its request is parked a member cannot send heartbeats, and need not. */
    boolean isWaiting() {
        return awaitingJoin != null || awaitingSync != null;
    }

    private @Nullable JoinProtocol find(@Nullable String protocol) {
        for (JoinProtocol candidate : terms.protocols()) {
            if (candidate.name().equals(protocol)) {
                return candidate;
            }
        }
        return null;
    }
}
