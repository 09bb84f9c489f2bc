package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** The appends that one write carries. Owned by the shard loop, reused for every turn. */
final class Turn {
    static final int REQUESTS_MAX = 512;

    final AppendRequest[] requests = new AppendRequest[REQUESTS_MAX];
    final ByteBuf[] buffers = new ByteBuf[REQUESTS_MAX];
    int requestCount;
    int bufferCount;
    long bytes;

    void add(AppendRequest request, boolean writes) {
        requests[requestCount++] = request;
        if (writes) {
            buffers[bufferCount++] = request.batches;
            bytes += request.bytes;
        }
    }

    boolean isEmpty() {
        return requestCount == 0;
    }

    boolean isFull() {
        return requestCount == REQUESTS_MAX;
    }

    void clear() {
        Arrays.fill(requests, 0, requestCount, null);
        Arrays.fill(buffers, 0, bufferCount, null);
        requestCount = 0;
        bufferCount = 0;
        bytes = 0;
    }
}
