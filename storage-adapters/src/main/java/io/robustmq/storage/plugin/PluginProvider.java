package io.robustmq.storage.plugin;

import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStoreProvider;
import io.robustmq.core.port.object.RequestMeter;
import java.io.IOException;
import java.util.Map;

/** Opens the plug-in's stores with its class loader as the thread's, by which libraries find their own parts. */
final class PluginProvider implements ObjectStoreProvider {
    private final ObjectStoreProvider provider;
    private final ClassLoader loader;

    PluginProvider(ObjectStoreProvider provider, ClassLoader loader) {
        this.provider = provider;
        this.loader = loader;
    }

    @Override
    public String kind() {
        return provider.kind();
    }

    @Override
    public ObjectStore open(Map<String, String> settings, RequestMeter meter) throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return provider.open(settings, meter);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
