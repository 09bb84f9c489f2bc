package io.robustmq.core.port.object;

import java.io.IOException;
import java.util.Map;

/** Opens stores of one kind; found by {@link java.util.ServiceLoader}, so that a kind may come as a plug-in. */
public interface ObjectStoreProvider {
    /** As a topic's {@code storage} says it. */
    String kind();

    /**
     * Opens a store.
     *
     * @param settings the kind's own; one that is not known, or missing, is an IllegalArgumentException that names it
     * @param meter hears of the store's requests
     */
    ObjectStore open(Map<String, String> settings, RequestMeter meter) throws IOException;
}
