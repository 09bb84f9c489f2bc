package io.robustmq.kafka.pass;

import io.robustmq.core.meta.PartitionImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Markers go to the leader of each partition. Stateless. */
final class MarkersRoute implements Route {
    private final Routes.Leaders leaders;

    MarkersRoute(Routes.Leaders leaders) {
        this.leaders = leaders;
    }

    @Override
    public Map<Integer, ApiMessage> parts(ApiMessage body) {
        Map<Integer, ApiMessage> parts = new HashMap<>();
        for (WritableTxnMarker marker : ((WriteTxnMarkersRequestData) body).markers()) {
            for (Map.Entry<Integer, List<WritableTxnMarkerTopic>> some :
                    byLeader(marker).entrySet()) {
                WriteTxnMarkersRequestData part = (WriteTxnMarkersRequestData)
                        parts.computeIfAbsent(some.getKey(), node -> new WriteTxnMarkersRequestData());
                part.markers().add(marker.duplicate().setTopics(some.getValue()));
            }
        }
        return parts.containsKey(PartitionImage.NO_LEADER) ? Map.of() : parts;
    }

    private Map<Integer, List<WritableTxnMarkerTopic>> byLeader(WritableTxnMarker marker) {
        Map<Integer, List<WritableTxnMarkerTopic>> byLeader = new HashMap<>();
        for (WritableTxnMarkerTopic topic : marker.topics()) {
            Map<Integer, List<Integer>> indexes = new HashMap<>();
            topic.partitionIndexes().forEach(index -> indexes.computeIfAbsent(
                            leaders.of(topic.name(), index), node -> new ArrayList<>())
                    .add(index));
            indexes.forEach((node, some) -> byLeader.computeIfAbsent(node, id -> new ArrayList<>())
                    .add(new WritableTxnMarkerTopic().setName(topic.name()).setPartitionIndexes(some)));
        }
        return byLeader;
    }

    /** Clients find a producer's marker by its id, and take all that is said of it. */
    @Override
    public void merge(ApiMessage answer, ApiMessage next) {
        WriteTxnMarkersResponseData all = (WriteTxnMarkersResponseData) answer;
        ((WriteTxnMarkersResponseData) next).markers().forEach(marker -> all.markers().stream()
                .filter(present -> present.producerId() == marker.producerId())
                .findFirst()
                .ifPresentOrElse(present -> present.topics().addAll(marker.topics()), () -> all.markers()
                        .add(marker)));
    }

    @Override
    public boolean isForOneKey() {
        return true;
    }
}
