package io.robustmq.kafka.pass;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.kafka.server.ApiTable;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of a node that coordinates nothing: those for a coordinator are passed on to it. Immutable. */
public final class PassingBroker {
    private final MetaLog meta;
    private final Map<ApiKeys, Route> routes;
    private final NodeLink link;

    /**
     * @param meta as it is, not as clients are told
     * @param groups partition of a group
     * @param transactions partition of a transactional id
     */
    public PassingBroker(
            MetaLog meta, NodeLink link, ToIntFunction<String> groups, ToIntFunction<String> transactions) {
        this.meta = meta;
        this.link = link;
        this.routes = Routes.of(
                new Homes(this::image, TopicName.CONSUMER_OFFSETS, groups),
                new Homes(this::image, TopicName.TRANSACTION_STATE, transactions),
                (topic, partition) -> meta.image().leaderOf(topic, partition));
    }

    /** Once all rows are in the table. */
    public ApiTable.Builder changes(ApiTable.Builder table) {
        return table.replaceAll((api, handler) -> {
            Route route = routes.get(api);
            return route == null ? handler : new PassOnHandler(api, route, link, handler);
        });
    }

    private MetaImage image() {
        return meta.image();
    }

    /** Which node coordinates a key. */
    record Homes(java.util.function.Supplier<MetaImage> image, String topic, ToIntFunction<String> partitions) {
        /** {@link PartitionImage#NO_LEADER} when nobody does now. */
        int of(String key) {
            return image.get().leaderOf(topic, partitions.applyAsInt(key));
        }

        /** All nodes that coordinate some key. */
        Set<Integer> all() {
            Set<Integer> nodes = new TreeSet<>();
            TopicImage found = image.get().topic(topic);
            if (found != null) {
                found.partitions().forEach(partition -> nodes.add(partition.leader()));
            }
            nodes.remove(PartitionImage.NO_LEADER);
            return nodes;
        }
    }
}
