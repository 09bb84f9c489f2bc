package io.robustmq.storage.retry;

import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/**
 * Streams whose calls are repeated while that may help. When the first answer to {@link #open} was lost, the caller is told EXISTS of
 * a stream that is nobody's; appends are not repeated, as nobody knows what there is then. Any thread.
 */
final class RetryingObjectStreams implements ObjectStreams {
    private final ObjectStreams streams;
    private final Retries retries;

    RetryingObjectStreams(ObjectStreams streams, Retries retries) {
        this.streams = streams;
        this.retries = retries;
    }

    @Override
    public ObjectStream open(String name) throws IOException {
        return new RetryingObjectStream(retries.run(() -> streams.open(name)), retries);
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        retries.run(() -> {
            streams.read(name, position, target);
            return true;
        });
    }

    @Override
    public long sizeInBytes(String name) throws IOException {
        return retries.run(() -> streams.sizeInBytes(name));
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return retries.run(() -> streams.list(prefix, after, countMax));
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        List<String> all = List.copyOf(names);
        retries.run(() -> {
            streams.delete(all);
            return true;
        });
    }

    @Override
    public long seal(String name) throws IOException {
        return retries.run(() -> streams.seal(name));
    }

    @Override
    public boolean isSealed(String name) throws IOException {
        return retries.run(() -> streams.isSealed(name));
    }
}
