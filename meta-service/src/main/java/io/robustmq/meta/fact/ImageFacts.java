package io.robustmq.meta.fact;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import java.util.ArrayList;
import java.util.List;

/** What leads from nothing to an image. Stateless. */
public final class ImageFacts {
    private ImageFacts() {}

    public static List<MetaFact> of(MetaImage image) {
        List<MetaFact> facts = new ArrayList<>();
        facts.add(new ClusterFormed(image.clusterId()));
        image.nodes().values().forEach(node -> add(node, facts));
        image.topics().forEach(topic -> add(topic, facts));
        image.configs()
                .forEach((scope, values) ->
                        values.forEach((key, value) -> facts.add(new ConfigChanged(scope, key, value))));
        image.security()
                .users()
                .forEach((user, credentials) -> credentials.forEach(
                        (mechanism, credential) -> facts.add(new CredentialChanged(user, mechanism, credential))));
        image.security().acls().forEach(binding -> facts.add(new AclAdded(binding)));
        facts.add(new ProducerIdsAllocated(image.nextProducerId(), 0));
        return facts;
    }

    private static void add(NodeImage node, List<MetaFact> facts) {
        facts.add(new NodeRegistered(node.id(), node.incarnationEpoch(), node.rack(), node.endpoints()));
        if (node.fenced()) {
            facts.add(new NodeFenced(node.id(), node.incarnationEpoch()));
        }
    }

    private static void add(TopicImage topic, List<MetaFact> facts) {
        facts.add(new TopicCreated(topic.id(), topic.name()));
        topic.partitions().forEach(partition -> facts.add(new PartitionPlaced(topic.id(), partition)));
        ConfigScope scope = ConfigScope.topic(topic.name());
        topic.configs().forEach((key, value) -> facts.add(new ConfigChanged(scope, key, value)));
    }
}
