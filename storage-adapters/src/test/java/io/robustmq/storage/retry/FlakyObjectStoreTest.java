package io.robustmq.storage.retry;

import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.memory.MemoryObjectStore;
import io.robustmq.storage.object.FaultyObjectStore;
import io.robustmq.storage.object.ObjectListContract;

/** With retries, a store three of ten calls of which fail, or are done and say they failed, keeps the whole contract. */
class FlakyObjectStoreTest implements ObjectListContract {
    private static final RetryPolicy PATIENT = new RetryPolicy(100, 1, 10, Long.MAX_VALUE, 1, 0);

    private ObjectStore store = open();

    @Override
    public ObjectStore store() {
        return store;
    }

    @Override
    public ObjectStore reopened() {
        store = open();
        return store;
    }

    @Override
    public int partBytes() {
        return 4_096;
    }

    @Override
    public int manyObjects() {
        return 2_500;
    }

    private static ObjectStore open() {
        ObjectStore memory = new MemoryObjectStore(16 << 20, RequestMeter.NONE);
        return new RetryingObjectStore("flaky", new FaultyObjectStore(memory, 42, 30), PATIENT, new SteppedClock());
    }
}
