package io.robustmq.storage.retry;

import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A writer whose steps are repeated until it is broken. One thread at a time. */
final class RetryingObjectWriter implements ObjectWriter {
    private final ObjectWriter writer;
    private final Retries retries;

    RetryingObjectWriter(ObjectWriter writer, Retries retries) {
        this.writer = writer;
        this.retries = retries;
    }

    @Override
    public void append(ByteBuffer source) throws IOException {
        retries.run(
                () -> {
                    writer.append(source);
                    return true;
                },
                () -> !writer.broken());
    }

    @Override
    public long sizeInBytes() {
        return writer.sizeInBytes();
    }

    @Override
    public void seal() throws IOException {
        retries.run(
                () -> {
                    writer.seal();
                    return true;
                },
                () -> !writer.broken());
    }

    @Override
    public boolean broken() {
        return writer.broken();
    }

    @Override
    public void close() throws IOException {
        retries.run(() -> {
            writer.close();
            return true;
        });
    }
}
