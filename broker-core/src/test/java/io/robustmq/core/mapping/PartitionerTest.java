package io.robustmq.core.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class PartitionerTest {
    @Test
    void keysGoWhereKafkasDefaultPartitionerPutsThem() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] key = new byte[i % 67];
            random.nextBytes(key);
            int partitions = 1 + random.nextInt(200);
            assertThat(Partitioner.murmur2(key)).isEqualTo(Utils.murmur2(key));
            assertThat(Partitioner.partition(key, "t", partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
        }
    }

    @Test
    void recordsWithoutKeyStayInThePartitionOfTheTopicsName() {
        assertThat(Partitioner.partition(null, "sensors", 12))
                .isEqualTo(BuiltInPartitioner.partitionForKey("sensors".getBytes(UTF_8), 12));
        assertThat(new LogAddress("sensors", null, false).partition(1)).isZero();
    }
}
