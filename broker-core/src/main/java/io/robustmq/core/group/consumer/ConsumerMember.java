package io.robustmq.core.group.consumer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A member, and what it wants.
 *
 * @param topicNames without repetition, in order
 * @param topicRegex empty for none
 * @param classic not null while the member speaks the classic protocol
 */
public record ConsumerMember(
        String memberId,
        @Nullable String instanceId,
        @Nullable String rackId,
        String clientId,
        String clientHost,
        List<String> topicNames,
        String topicRegex,
        int rebalanceTimeoutMs,
        @Nullable String assignor,
        @Nullable ClassicTerms classic) {
    public ConsumerMember {
        topicNames = List.copyOf(new TreeSet<>(topicNames));
    }

    /** What a member that speaks the classic protocol told in its join. */
    public record ClassicTerms(int sessionTimeoutMs, List<ClassicProtocol> protocols) {
        public ClassicTerms {
            protocols = List.copyOf(protocols);
        }
    }

    /** Metadata that must not be read from: only views of it. */
    public record ClassicProtocol(String name, ByteBuffer metadata) {}

    /** A member of which nothing is known yet. */
    static ConsumerMember unknown(String memberId, @Nullable String instanceId) {
        return new ConsumerMember(memberId, instanceId, null, "", "", List.of(), "", -1, null, null);
    }

    /** The same member, come back under another id. */
    ConsumerMember renamed(String newId) {
        return new ConsumerMember(
                newId,
                instanceId,
                rackId,
                clientId,
                clientHost,
                topicNames,
                topicRegex,
                rebalanceTimeoutMs,
                assignor,
                classic);
    }

    /** What a heartbeat leaves out stays as it is. */
    ConsumerMember updated(ConsumerHeartbeat.Wishes wishes, ConsumerHeartbeat.Origin origin) {
        boolean sameClient =
                origin.clientId().equals(clientId) && origin.clientHost().equals(clientHost);
        if (wishes.areNone() && sameClient && classic == null) {
            return this;
        }
        List<String> names = wishes.topicNames();
        String regex = wishes.topicRegex();
        String rack = wishes.rackId();
        String wanted = wishes.assignor();
        return new ConsumerMember(
                memberId,
                instanceId,
                rack == null ? rackId : rack,
                origin.clientId(),
                origin.clientHost(),
                names == null ? topicNames : names,
                regex == null ? topicRegex : regex,
                wishes.rebalanceTimeoutMs() < 0 ? rebalanceTimeoutMs : wishes.rebalanceTimeoutMs(),
                wanted == null ? assignor : wanted,
                null);
    }

    /** Whether another assignment may follow from the difference. */
    boolean subscribesLike(ConsumerMember other) {
        return topicNames.equals(other.topicNames)
                && topicRegex.equals(other.topicRegex)
                && String.valueOf(assignor).equals(String.valueOf(other.assignor));
    }
}
