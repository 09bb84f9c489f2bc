package io.robustmq.storage.retry;

import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Requests and bytes by kind, as a store's operator bills them: repetitions and failures count. Any thread. */
public final class RequestCounts implements RequestMeter {
    private final Map<RequestKind, LongAdder> requests = new EnumMap<>(RequestKind.class);
    private final Map<RequestKind, LongAdder> bytes = new EnumMap<>(RequestKind.class);

    public RequestCounts() {
        for (RequestKind kind : RequestKind.values()) {
            requests.put(kind, new LongAdder());
            bytes.put(kind, new LongAdder());
        }
    }

    @Override
    public void request(RequestKind kind, long contentBytes) {
        of(requests, kind).increment();
        of(bytes, kind).add(contentBytes);
    }

    public long requests(RequestKind kind) {
        return of(requests, kind).sum();
    }

    public long bytes(RequestKind kind) {
        return of(bytes, kind).sum();
    }

    private static LongAdder of(Map<RequestKind, LongAdder> counters, RequestKind kind) {
        LongAdder counter = counters.get(kind);
        if (counter == null) {
            throw new AssertionError(kind);
        }
        return counter;
    }
}
