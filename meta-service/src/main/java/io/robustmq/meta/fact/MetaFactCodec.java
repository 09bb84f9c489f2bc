package io.robustmq.meta.fact;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact.AclAdded;
import io.robustmq.meta.fact.MetaFact.AclRemoved;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import io.robustmq.meta.fact.MetaFact.TopicDeleted;
import java.util.List;

/**
 * Bytes of one fact: kind, version, length of the body, body. A kind or version that this code does not know is refused,
 * never skipped: a replica that skipped a fact would differ from the others.
 */
public final class MetaFactCodec {
    private static final int CLUSTER_FORMED = 1;
    private static final int NODE_REGISTERED = 2;
    private static final int TOPIC_CREATED = 3;
    private static final int PARTITION_PLACED = 4;
    private static final int TOPIC_DELETED = 5;
    private static final int CONFIG_CHANGED = 6;
    private static final int PRODUCER_IDS_ALLOCATED = 7;
    private static final int NODE_FENCED = 8;
    private static final int CREDENTIAL_CHANGED = 40;
    private static final int ACL_ADDED = 41;
    private static final int ACL_REMOVED = 42;
    private static final int VERSION = 0;
    /** A partition that is moved; others are written as before. */
    private static final int VERSION_MOVING = 1;
    /** A partition with eligible replicas or without a leader, moved or not. */
    private static final int VERSION_ELIGIBLE = 2;

    private MetaFactCodec() {}

    public static byte[] encode(MetaFact fact) {
        FactWriter target = new FactWriter();
        write(fact, target);
        return target.toByteArray();
    }

    /** Throws IllegalArgumentException for bytes that are broken or come from a newer version. */
    public static MetaFact decode(byte[] bytes) {
        FactReader source = new FactReader(bytes);
        MetaFact fact = read(source);
        source.expectEnd();
        return fact;
    }

    static void write(MetaFact fact, FactWriter target) {
        FactWriter body = new FactWriter();
        int kind = writeBody(fact, body);
        target.oneByte(kind)
                .oneByte(fact instanceof PartitionPlaced placed ? version(placed.partition()) : VERSION)
                .number(body.size())
                .raw(body.toByteArray());
    }

    static MetaFact read(FactReader source) {
        int kind = source.oneByte();
        int version = source.oneByte();
        boolean placed = kind == PARTITION_PLACED && version <= VERSION_ELIGIBLE;
        if (version != VERSION && !placed) {
            throw new IllegalArgumentException("fact of kind " + kind + " has the newer version " + version);
        }
        FactReader body = source.part(source.integer());
        MetaFact fact = placed ? readPlaced(version, body) : readBody(kind, body);
        body.expectEnd();
        return fact;
    }

    private static int writeBody(MetaFact fact, FactWriter body) {
        if (fact instanceof ClusterFormed f) {
            body.text(f.clusterId());
            return CLUSTER_FORMED;
        }
        if (fact instanceof NodeRegistered f) {
            body.number(f.nodeId()).number(f.incarnationEpoch()).text(f.rack()).texts(f.endpoints());
            return NODE_REGISTERED;
        }
        if (fact instanceof NodeFenced f) {
            body.number(f.nodeId()).number(f.incarnationEpoch());
            return NODE_FENCED;
        }
        if (fact instanceof TopicCreated f) {
            topicId(body, f.id()).text(f.name());
            return TOPIC_CREATED;
        }
        if (fact instanceof PartitionPlaced f) {
            PartitionImage p = f.partition();
            topicId(body, f.topicId())
                    .number(p.index())
                    .number(p.leader())
                    .number(p.leaderEpoch())
                    .number(p.partitionEpoch())
                    .numbers(p.replicas())
                    .numbers(p.isr());
            int version = version(p);
            if (version >= VERSION_MOVING) {
                body.numbers(p.adding()).numbers(p.removing());
            }
            if (version >= VERSION_ELIGIBLE) {
                body.numbers(p.elr()).number(p.lastLeader());
            }
            return PARTITION_PLACED;
        }
        if (fact instanceof TopicDeleted f) {
            topicId(body, f.id()).text(f.name());
            return TOPIC_DELETED;
        }
        if (fact instanceof ConfigChanged f) {
            body.oneByte(scopeCode(f.scope().kind()))
                    .text(f.scope().name())
                    .text(f.key())
                    .text(f.value());
            return CONFIG_CHANGED;
        }
        if (fact instanceof ProducerIdsAllocated f) {
            body.number(f.first()).number(f.count());
            return PRODUCER_IDS_ALLOCATED;
        }
        return writeSecurity(fact, body);
    }

    private static int writeSecurity(MetaFact fact, FactWriter body) {
        if (fact instanceof CredentialChanged f) {
            body.text(f.user()).oneByte(SecurityFields.code(f.mechanism()));
            SecurityFields.write(f.credential(), body);
            return CREDENTIAL_CHANGED;
        }
        if (fact instanceof AclAdded f) {
            SecurityFields.write(f.binding(), body);
            return ACL_ADDED;
        }
        if (fact instanceof AclRemoved f) {
            SecurityFields.write(f.binding(), body);
            return ACL_REMOVED;
        }
        throw new AssertionError(fact);
    }

    private static MetaFact readBody(int kind, FactReader body) {
        return switch (kind) {
            case CLUSTER_FORMED -> new ClusterFormed(body.text());
            case NODE_REGISTERED -> new NodeRegistered(body.integer(), body.number(), body.text(), body.texts());
            case NODE_FENCED -> new NodeFenced(body.integer(), body.number());
            case TOPIC_CREATED -> new TopicCreated(topicId(body), body.text());
            case TOPIC_DELETED -> new TopicDeleted(topicId(body), body.text());
            case CONFIG_CHANGED ->
                new ConfigChanged(
                        new ConfigScope(scopeKind(body.oneByte()), body.text()), body.text(), body.textOrNull());
            case PRODUCER_IDS_ALLOCATED -> new ProducerIdsAllocated(body.number(), body.integer());
            case CREDENTIAL_CHANGED ->
                new CredentialChanged(
                        body.text(), SecurityFields.mechanism(body.oneByte()), SecurityFields.credential(body));
            case ACL_ADDED -> new AclAdded(SecurityFields.binding(body));
            case ACL_REMOVED -> new AclRemoved(SecurityFields.binding(body));
            default -> throw new IllegalArgumentException("fact of the unknown kind " + kind);
        };
    }

    private static int version(PartitionImage partition) {
        if (!partition.elr().isEmpty() || partition.lastLeader() != PartitionImage.NO_LEADER) {
            return VERSION_ELIGIBLE;
        }
        return partition.isMoving() ? VERSION_MOVING : VERSION;
    }

    private static MetaFact readPlaced(int version, FactReader body) {
        TopicId topic = topicId(body);
        int index = body.integer();
        int leader = body.integer();
        int leaderEpoch = body.integer();
        int partitionEpoch = body.integer();
        List<Integer> replicas = body.numbers();
        List<Integer> isr = body.numbers();
        boolean moving = version >= VERSION_MOVING;
        List<Integer> adding = moving ? body.numbers() : List.of();
        List<Integer> removing = moving ? body.numbers() : List.of();
        boolean eligible = version >= VERSION_ELIGIBLE;
        List<Integer> elr = eligible ? body.numbers() : List.of();
        int lastLeader = eligible ? body.integer() : PartitionImage.NO_LEADER;
        return new PartitionPlaced(
                topic,
                new PartitionImage(
                        index, leader, leaderEpoch, partitionEpoch, replicas, isr, adding, removing, elr, lastLeader));
    }

    private static FactWriter topicId(FactWriter target, TopicId id) {
        return target.fixed(id.high()).fixed(id.low());
    }

    private static TopicId topicId(FactReader source) {
        return new TopicId(source.fixed(), source.fixed());
    }

    private static int scopeCode(ConfigScope.Kind kind) {
        return switch (kind) {
            case TOPIC -> 0;
            case NODE -> 1;
            case GROUP -> 2;
            case QUOTA -> 3;
            case CLIENT_METRICS -> 4;
            case DELEGATION_TOKEN -> 5;
        };
    }

    private static ConfigScope.Kind scopeKind(int code) {
        return switch (code) {
            case 0 -> ConfigScope.Kind.TOPIC;
            case 1 -> ConfigScope.Kind.NODE;
            case 2 -> ConfigScope.Kind.GROUP;
            case 3 -> ConfigScope.Kind.QUOTA;
            case 4 -> ConfigScope.Kind.CLIENT_METRICS;
            case 5 -> ConfigScope.Kind.DELEGATION_TOKEN;
            default -> throw new IllegalArgumentException("configuration of the unknown scope " + code);
        };
    }
}
