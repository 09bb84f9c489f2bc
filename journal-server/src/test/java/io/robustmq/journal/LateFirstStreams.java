package io.robustmq.journal;

import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/** The streams of {@link LateFirstObjects}. */
final class LateFirstStreams implements ObjectStreams {
    private final ObjectStreams streams;
    private final LateFirstObjects late;

    LateFirstStreams(ObjectStreams streams, LateFirstObjects late) {
        this.streams = streams;
        this.late = late;
    }

    @Override
    public ObjectStream open(String name) throws IOException {
        ObjectStream stream = streams.open(name);
        return new ObjectStream() {
            @Override
            public long append(List<ByteBuffer> content) throws IOException {
                return late.append(stream, content);
            }

            @Override
            public long sizeInBytes() {
                return stream.sizeInBytes();
            }

            @Override
            public void close() throws IOException {
                stream.close();
            }
        };
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        streams.read(name, position, target);
    }

    @Override
    public long sizeInBytes(String name) throws IOException {
        return streams.sizeInBytes(name);
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return streams.list(prefix, after, countMax);
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        streams.delete(names);
    }

    @Override
    public long seal(String name) throws IOException {
        return streams.seal(name);
    }

    @Override
    public boolean isSealed(String name) throws IOException {
        return streams.isSealed(name);
    }
}
