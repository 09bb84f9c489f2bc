package io.robustmq.kafka.share;

import io.robustmq.core.share.AcknowledgeType;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.jspecify.annotations.Nullable;

/** What a request acknowledges in one partition, read and checked. Used for one partition. */
final class AcknowledgeBatches {
    private final boolean mayRenew;
    private final List<Acknowledged> read = new ArrayList<>();
    private long lastOffset = -1;
    private boolean valid = true;

    private AcknowledgeBatches(boolean mayRenew) {
        this.mayRenew = mayRenew;
    }

    /** Null if they are not valid: in order and apart, with one type for all offsets or one for each. */
    static @Nullable List<Acknowledged> ofFetch(
            List<ShareFetchRequestData.AcknowledgementBatch> batches, boolean mayRenew) {
        AcknowledgeBatches all = new AcknowledgeBatches(mayRenew);
        batches.forEach(batch -> all.add(batch.firstOffset(), batch.lastOffset(), batch.acknowledgeTypes()));
        return all.valid ? all.read : null;
    }

    /** As {@link #ofFetch}. */
    static @Nullable List<Acknowledged> of(
            List<ShareAcknowledgeRequestData.AcknowledgementBatch> batches, boolean mayRenew) {
        AcknowledgeBatches all = new AcknowledgeBatches(mayRenew);
        batches.forEach(batch -> all.add(batch.firstOffset(), batch.lastOffset(), batch.acknowledgeTypes()));
        return all.valid ? all.read : null;
    }

    private void add(long first, long last, List<Byte> codes) {
        boolean fits = codes.size() == 1 || codes.size() == last - first + 1;
        valid &= first > lastOffset && last >= first && fits;
        if (!valid) {
            return;
        }
        List<AcknowledgeType> types = new ArrayList<>(codes.size());
        for (byte code : codes) {
            AcknowledgeType type = AcknowledgeType.of(code);
            if (type == null || (type == AcknowledgeType.RENEW && !mayRenew)) {
                valid = false;
                return;
            }
            types.add(type);
        }
        read.add(new Acknowledged(first, last, types));
        lastOffset = last;
    }
}
