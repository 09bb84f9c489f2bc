package io.robustmq.storage.object;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** Tries what a store must offer, on an object of its own: stores differ most in what they leave out silently. */
public final class ObjectProbe {
    private static final byte[] CONTENT = "robustmq".getBytes(StandardCharsets.US_ASCII);

    private ObjectProbe() {}

    /** FATAL for what the store lacks. */
    public static void run(ObjectStore store) throws IOException {
        UUID token = UUID.randomUUID();
        String name = ".check/" + token;
        store.create(name, token, List.of(ByteBuffer.wrap(CONTENT)));
        try {
            expectReads(store, name);
            expectListed(store, name);
            expectRefusesAnother(store, name);
        } finally {
            store.delete(List.of(name));
        }
        ObjectStreams streams = store.streams();
        if (streams != null) {
            expectGrows(streams, name);
        }
    }

    private static void expectGrows(ObjectStreams streams, String name) throws IOException {
        try (ObjectStream stream = streams.open(name)) {
            long unused = stream.append(List.of(ByteBuffer.wrap(CONTENT)));
            ByteBuffer part = ByteBuffer.allocate(3);
            streams.read(name, 2, part);
            if (!part.flip().equals(ByteBuffer.wrap(CONTENT, 2, 3))) {
                throw new StoreException(Kind.FATAL, "the store does not read what grows");
            }
        } finally {
            streams.delete(List.of(name));
        }
    }

    private static void expectReads(ObjectStore store, String name) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(3);
        store.read(name, 2, part);
        if (!part.flip().equals(ByteBuffer.wrap(CONTENT, 2, 3))) {
            throw new StoreException(Kind.FATAL, "the store does not read ranges of objects");
        }
    }

    private static void expectListed(ObjectStore store, String name) throws IOException {
        if (store.list(name, "", 1).objects().isEmpty()) {
            throw new StoreException(Kind.FATAL, "the store does not list what was just created");
        }
    }

    private static void expectRefusesAnother(ObjectStore store, String name) throws IOException {
        try {
            store.create(name, UUID.randomUUID(), List.of(ByteBuffer.wrap(CONTENT)));
        } catch (StoreException e) {
            if (e.kind() == Kind.EXISTS) {
                return;
            }
            throw e;
        }
        throw new StoreException(Kind.FATAL, "the store lets an object be created twice");
    }
}
