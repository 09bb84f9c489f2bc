package io.robustmq.storage.memory;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectNames;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Streams on the heap, within the limit of the store's objects. Any thread. */
final class MemoryObjectStreams implements ObjectStreams {
    private final ConcurrentSkipListMap<String, MemoryStream> streams = new ConcurrentSkipListMap<>();
    private final MemoryBudget budget;
    private final RequestMeter meter;

    MemoryObjectStreams(MemoryBudget budget, RequestMeter meter) {
        this.budget = budget;
        this.meter = meter;
    }

    @Override
    public ObjectStream open(String name) throws IOException {
        meter.request(RequestKind.PUT, 0);
        MemoryStream stream = new MemoryStream(ObjectNames.checked(name), budget, meter);
        if (streams.putIfAbsent(name, stream) != null) {
            throw new StoreException(Kind.EXISTS, name + " exists");
        }
        return stream;
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        if (target.hasRemaining()) {
            meter.request(RequestKind.GET, target.remaining());
            find(name).read(position, target);
        }
    }

    @Override
    public long sizeInBytes(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        return find(name).sizeInBytes();
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) {
        meter.request(RequestKind.LIST, 0);
        List<ObjectInfo> page = new ArrayList<>();
        boolean behind = after.compareTo(prefix) >= 0;
        for (Map.Entry<String, MemoryStream> entry :
                streams.tailMap(behind ? after : prefix, !behind).entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            if (page.size() == Math.min(countMax, ObjectStore.PAGE_COUNT_MAX)) {
                return new ObjectPage(page, true);
            }
            page.add(new ObjectInfo(entry.getKey(), entry.getValue().sizeInBytes()));
        }
        return new ObjectPage(page, false);
    }

    @Override
    public void delete(Collection<String> names) {
        for (String name : names) {
            meter.request(RequestKind.DELETE, 0);
            MemoryStream stream = streams.remove(ObjectNames.checked(name));
            if (stream != null) {
                stream.close();
                budget.free(stream.sizeInBytes());
            }
        }
    }

    @Override
    public long seal(String name) throws IOException {
        meter.request(RequestKind.PUT, 0);
        MemoryStream stream = find(name);
        stream.close();
        return stream.sizeInBytes();
    }

    @Override
    public boolean isSealed(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        return find(name).isSealed();
    }

    void clear() {
        streams.clear();
    }

    private MemoryStream find(String name) throws IOException {
        MemoryStream stream = streams.get(ObjectNames.checked(name));
        if (stream == null) {
            throw new StoreException(Kind.NOT_FOUND, name + " does not exist");
        }
        return stream;
    }
}
