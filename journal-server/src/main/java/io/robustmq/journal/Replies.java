package io.robustmq.journal;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.AppendResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects answers during one turn and hands them over with one task per loop. Owned by the shard loop. */
final class Replies {
    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    private final Inflight inflight;
    private final JournalMetrics metrics;
    private final List<Parcel> parcels = new ArrayList<>();

    Replies(Inflight inflight, JournalMetrics metrics) {
        this.inflight = inflight;
        this.metrics = metrics;
    }

    void add(AppendRequest request, AppendResult result, long nowNs) {
        request.answered = true;
        inflight.give(request.bytes);
        if (result.succeeded()) {
            metrics.appendTime.record(nowNs - request.submittedNs, TimeUnit.NANOSECONDS);
        } else {
            metrics.refused(result.error());
        }
        for (int i = 0; i < parcels.size(); i++) {
            if (parcels.get(i).loop == request.replyLoop) {
                parcels.get(i).add(request, result);
                return;
            }
        }
        Parcel parcel = new Parcel(request.replyLoop);
        parcel.add(request, result);
        parcels.add(parcel);
    }

    void send() {
        if (parcels.isEmpty()) {
            return;
        }
        Parcel[] ready = parcels.toArray(new Parcel[0]);
        parcels.clear();
        for (Parcel parcel : ready) {
            parcel.loop.run(parcel);
        }
    }

    /** The answers for one loop. */
    private static final class Parcel implements Runnable {
        final Loop loop;
        private final List<AppendRequest> requests = new ArrayList<>();
        private final List<AppendResult> results = new ArrayList<>();

        Parcel(Loop loop) {
            this.loop = loop;
        }

        void add(AppendRequest request, AppendResult result) {
            requests.add(request);
            results.add(result);
        }

        @Override
        public void run() {
            for (int i = 0; i < requests.size(); i++) {
                answer(requests.get(i), results.get(i));
            }
        }

        /** One caller's failure must not cost the others their answers. */
        private static void answer(AppendRequest request, AppendResult result) {
            try {
                request.reply.accept(result);
            } catch (RuntimeException e) {
                LOG.error("an append's reply failed", e);
            }
        }
    }
}
