package io.robustmq.storage.hdfs;

import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStoreProvider;
import io.robustmq.core.port.object.RequestMeter;
import java.io.IOException;
import java.util.Map;

/** What the server finds in the plug-in. */
public final class HdfsProvider implements ObjectStoreProvider {
    @Override
    public String kind() {
        return "hdfs";
    }

    @Override
    public ObjectStore open(Map<String, String> settings, RequestMeter meter) throws IOException {
        return new HdfsObjectStore(HdfsConfig.of(settings), meter);
    }
}
