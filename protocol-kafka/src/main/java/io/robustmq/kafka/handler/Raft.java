package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.kafka.ErrorCodes;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What the handlers that change the voters share. Stateless. */
final class Raft {
    static final String ENDPOINT = "meta";
    static final String NO_DIRECTORIES =
            "A voter is its node's id here, whatever its directory: the directory id must be " + Uuid.ZERO_UUID + ".";

    private Raft() {}

    /** An error, or none, and what is said with it. */
    record Refusal(Errors error, @Nullable String message) {}

    static Refusal refusal(Errors error) {
        return new Refusal(error, error.message());
    }

    static Refusal outcome(MetaReply reply) {
        return reply instanceof MetaReply.Refused refused
                ? new Refusal(ErrorCodes.of(refused.error()), refused.message())
                : new Refusal(Errors.NONE, null);
    }

    /** As DescribeQuorum shows it. */
    static boolean isDirectory(Uuid id) {
        return id.equals(Uuid.ZERO_UUID);
    }

    static boolean isThisCluster(@Nullable String clusterId, MetaImage image) {
        return clusterId == null || clusterId.equals(image.clusterId());
    }
}
