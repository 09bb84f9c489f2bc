package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import java.util.Collection;

/**
 * What the handlers are made from.
 *
 * @param metaLog the metadata as clients are told it
 * @param innerMeta the metadata itself: who leads, whoever serves it to clients
 * @param replicas reads what this node has of partitions, whether it leads them or not
 * @param nodeKeys every configuration key of the node, with its values: what DescribeConfigs of a broker shows
 * @param sharedLoop owns the little state that all connections share
 */
public record KafkaContext(
        int nodeId,
        KafkaConfig config,
        Journal journal,
        MetaLog metaLog,
        MetaLog innerMeta,
        Authorizer authorizer,
        KafkaMetrics metrics,
        Collection<ConfigKey<?>> nodeKeys,
        Configuration nodeConfiguration,
        Loop sharedLoop,
        TxnService transactions,
        Loggers loggers,
        Journal replicas,
        MetaQuorum quorum) {
    /** Of a node alone, which leads all it has. */
    public KafkaContext(
            int nodeId,
            KafkaConfig config,
            Journal journal,
            MetaLog metaLog,
            Authorizer authorizer,
            KafkaMetrics metrics,
            Collection<ConfigKey<?>> nodeKeys,
            Configuration nodeConfiguration,
            Loop sharedLoop,
            TxnService transactions,
            Loggers loggers,
            MetaQuorum quorum) {
        this(
                nodeId,
                config,
                journal,
                metaLog,
                metaLog,
                authorizer,
                metrics,
                nodeKeys,
                nodeConfiguration,
                sharedLoop,
                transactions,
                loggers,
                journal,
                quorum);
    }
}
