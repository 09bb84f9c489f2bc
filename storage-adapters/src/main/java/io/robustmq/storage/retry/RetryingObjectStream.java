package io.robustmq.storage.retry;

import io.robustmq.core.port.object.ObjectStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A stream of whose calls the store's health is told. One thread at a time. */
final class RetryingObjectStream implements ObjectStream {
    private final ObjectStream stream;
    private final Retries retries;

    RetryingObjectStream(ObjectStream stream, Retries retries) {
        this.stream = stream;
        this.retries = retries;
    }

    @Override
    public long append(List<ByteBuffer> content) throws IOException {
        return retries.run(() -> stream.append(content), () -> false);
    }

    @Override
    public long sizeInBytes() {
        return stream.sizeInBytes();
    }

    @Override
    public void close() throws IOException {
        retries.run(
                () -> {
                    stream.close();
                    return true;
                },
                () -> false);
    }
}
