package io.robustmq.storage.memory;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** Gathers an object on the heap. One thread at a time. */
final class MemoryObjectWriter implements ObjectWriter {
    private final MemoryObjectStore store;
    private final String name;
    private final UUID token;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private boolean handedOver;
    private boolean sealed;
    private boolean closed;

    MemoryObjectWriter(MemoryObjectStore store, String name, UUID token) {
        this.store = store;
        this.name = name;
        this.token = token;
    }

    @Override
    public void append(ByteBuffer source) throws IOException {
        if (broken() || sealed) {
            throw new StoreException(Kind.FATAL, name + " takes no more");
        }
        store.reserve(source.remaining());
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        content.write(bytes, 0, bytes.length);
    }

    @Override
    public long sizeInBytes() {
        return content.size();
    }

    @Override
    public void seal() throws IOException {
        if (sealed) {
            return;
        }
        if (broken()) {
            throw new StoreException(Kind.FATAL, name + " cannot be sealed any more");
        }
        handedOver = true;
        ByteBuffer bytes = ByteBuffer.wrap(content.toByteArray()).asReadOnlyBuffer();
        store.put(name, new MemoryObjectStore.MemoryObject(token, bytes));
        sealed = true;
    }

    @Override
    public boolean broken() {
        return closed || (handedOver && !sealed);
    }

    @Override
    public void close() {
        if (!closed && !handedOver) {
            store.free(content.size());
        }
        closed = true;
    }
}
