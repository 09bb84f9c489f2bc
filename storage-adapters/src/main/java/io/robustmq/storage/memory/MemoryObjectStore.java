package io.robustmq.storage.memory;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectNames;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectProbe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects, and streams, on the heap, up to a limit. Any thread. */
public final class MemoryObjectStore implements ObjectStore {
    private final ConcurrentSkipListMap<String, MemoryObject> objects = new ConcurrentSkipListMap<>();
    private final MemoryBudget budget;
    private final RequestMeter meter;
    private final MemoryObjectStreams streams;

    /** Refuses creations as FULL beyond {@code bytesMax} for all objects and streams together. */
    public MemoryObjectStore(long bytesMax, RequestMeter meter) {
        this.budget = new MemoryBudget(bytesMax);
        this.meter = meter;
        this.streams = new MemoryObjectStreams(budget, meter);
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        ObjectNames.checked(name);
        int bytes = Math.toIntExact(
                content.stream().mapToLong(ByteBuffer::remaining).sum());
        reserve(bytes);
        ByteBuffer copy = ByteBuffer.allocate(bytes);
        content.forEach(part -> copy.put(part.duplicate()));
        put(name, new MemoryObject(token, copy.flip().asReadOnlyBuffer()));
    }

    @Override
    public ObjectWriter write(String name, UUID token) {
        return new MemoryObjectWriter(this, ObjectNames.checked(name), token);
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return;
        }
        meter.request(RequestKind.GET, target.remaining());
        ByteBuffer content = find(name).content;
        if (position < 0 || target.remaining() > content.remaining() - position) {
            throw new StoreException(
                    Kind.CORRUPT, name + " has " + content.remaining() + " bytes, no " + target + " from " + position);
        }
        target.put(content.duplicate().slice((int) position, target.remaining()));
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        return new ObjectInfo(name, find(name).content.remaining());
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) {
        meter.request(RequestKind.LIST, 0);
        List<ObjectInfo> page = new ArrayList<>();
        boolean behind = after.compareTo(prefix) >= 0;
        for (Map.Entry<String, MemoryObject> entry :
                objects.tailMap(behind ? after : prefix, !behind).entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            if (page.size() == Math.min(countMax, PAGE_COUNT_MAX)) {
                return new ObjectPage(page, true);
            }
            page.add(new ObjectInfo(entry.getKey(), entry.getValue().content.remaining()));
        }
        return new ObjectPage(page, false);
    }

    @Override
    public void delete(Collection<String> names) {
        for (String name : names) {
            meter.request(RequestKind.DELETE, 0);
            MemoryObject object = objects.remove(ObjectNames.checked(name));
            if (object != null) {
                budget.free(object.content.remaining());
            }
        }
    }

    @Override
    public int sweep(long startedBeforeMs) {
        return 0;
    }

    @Override
    public ObjectStreams streams() {
        return streams;
    }

    @Override
    public void check() throws IOException {
        ObjectProbe.run(this);
    }

    @Override
    public boolean durable() {
        return false;
    }

    @Override
    public void close() {
        objects.clear();
        streams.clear();
    }

    void reserve(long bytes) throws IOException {
        if (!budget.reserve(bytes)) {
            throw new StoreException(Kind.FULL, "the memory store is full");
        }
    }

    void free(long bytes) {
        budget.free(bytes);
    }

    /** Takes what was reserved for the object: it is freed if the object does not come in. */
    void put(String name, MemoryObject object) throws IOException {
        int bytes = object.content.remaining();
        meter.request(RequestKind.PUT, bytes);
        MemoryObject there = objects.putIfAbsent(name, object);
        if (there != null) {
            budget.free(bytes);
            if (!there.token.equals(object.token)) {
                throw new StoreException(Kind.EXISTS, name + " exists");
            }
        }
    }

    private MemoryObject find(String name) throws IOException {
        MemoryObject object = objects.get(ObjectNames.checked(name));
        if (object == null) {
            throw new StoreException(Kind.NOT_FOUND, name + " does not exist");
        }
        return object;
    }

    record MemoryObject(UUID token, ByteBuffer content) {}
}
