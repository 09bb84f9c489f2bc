package io.robustmq.kafka.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.quota.QuotaEntity;
import io.robustmq.kafka.memory.MemoryMetaLog;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The arithmetic of what a connection is told, at a time that the test makes. */
class ConnectionQuotaTest {
    private static final QuotaEntity EVERY_CLIENT_ID = QuotaEntity.client(null, QuotaEntity.DEFAULT);
    private static final int CLIENTS_MAX = 2;

    private final MemoryMetaLog metaLog = new MemoryMetaLog(1);
    private final ClientQuotas quotas = new ClientQuotas(metaLog, new QuotaConfig(1_000, 1_000, CLIENTS_MAX));
    private long nowNanos = TimeUnit.HOURS.toNanos(1);

    @Test
    void nothingIsMeasuredWithoutALimit() {
        ConnectionQuota quota = connection("c");
        assertThat(quota.applies("u", "c", nowNanos)).isFalse();
        assertThat(quota.produced(1_000_000, nowNanos)).isZero();
        assertThat(quota.fetchBytesMax()).isEqualTo(Integer.MAX_VALUE);
        assertThat(quotas.measured()).isZero();
    }

    @Test
    void whoIsOverWaitsUntilTheRateHoldsAgain() {
        set(EVERY_CLIENT_ID, "producer_byte_rate", "1000");
        ConnectionQuota quota = connection("c");
        assertThat(quota.produced(1_000, nowNanos)).as("what a second gives").isZero();
        assertThat(quota.produced(3_000, nowNanos)).isEqualTo(3_000);
        advance(2_000);
        assertThat(quota.produced(1_000, nowNanos)).isEqualTo(2_000);
        advance(60_000);
        assertThat(quota.produced(1_000, nowNanos))
                .as("no more than a second is saved up")
                .isZero();
        assertThat(quota.produced(1, nowNanos)).isEqualTo(1);
    }

    @Test
    void limitThatChangesCountsFromTheNextRequestOn() {
        set(EVERY_CLIENT_ID, "consumer_byte_rate", "1000");
        ConnectionQuota quota = connection("c");
        assertThat(quota.fetched(2_000, nowNanos)).isEqualTo(1_000);
        assertThat(quota.fetchBytesMax()).isEqualTo(1_000);
        set(EVERY_CLIENT_ID, "consumer_byte_rate", null);
        assertThat(quota.applies("u", "c", nowNanos)).isFalse();
        assertThat(quota.fetched(2_000, nowNanos)).isZero();
    }

    @Test
    void longPausesForWorkAreMadeOfShortOnes() {
        set(EVERY_CLIENT_ID, "request_percentage", "1");
        ConnectionQuota quota = connection("c");
        assertThat(quota.worked(TimeUnit.MILLISECONDS.toNanos(10), nowNanos))
                .as("1 % of a second")
                .isZero();
        assertThat(quota.worked(TimeUnit.MILLISECONDS.toNanos(5), nowNanos)).isEqualTo(500);
        assertThat(quota.worked(TimeUnit.SECONDS.toNanos(1), nowNanos)).isEqualTo(1_000);
        advance(50_000);
        assertThat(quota.worked(0, nowNanos)).as("still owed").isEqualTo(1_000);
    }

    @Test
    void changesOfTopicsAreRefusedAfterABurstAndOldClientsWait() {
        set(EVERY_CLIENT_ID, "controller_mutation_rate", "2");
        ConnectionQuota quota = connection("c");
        assertThat(quota.mutated(4, true, nowNanos)).as("goes over").isZero();
        assertThat(quota.mutated(1, true, nowNanos)).isEqualTo(1_000);
        assertThat(quota.mutated(1, false, nowNanos)).as("never refused").isEqualTo(1_500);
        advance(1_500);
        assertThat(quota.mutated(1, true, nowNanos)).isZero();
    }

    @Test
    void connectionsOfOneClientShareWhatItMayUse() {
        set(EVERY_CLIENT_ID, "producer_byte_rate", "1000");
        assertThat(connection("c").produced(1_000, nowNanos)).isZero();
        assertThat(connection("c").produced(1_000, nowNanos)).isEqualTo(1_000);
        assertThat(connection("d").produced(1_000, nowNanos)).isZero();
    }

    @Test
    void memoryIsBoundedWhateverClientsCallThemselves() {
        set(EVERY_CLIENT_ID, "producer_byte_rate", "1000");
        for (int i = 0; i < 100; i++) {
            assertThat(connection("c" + i).produced(2_000, nowNanos))
                    .as("measured all the same")
                    .isEqualTo(1_000);
        }
        assertThat(quotas.measured()).isEqualTo(CLIENTS_MAX);
        advance(10_000);
        connection("other").produced(1, nowNanos);
        assertThat(quotas.measured()).as("who owes nothing is forgotten").isEqualTo(1);
    }

    @Test
    void addressIsTheSameHoweverItIsWritten() throws UnknownHostException {
        set(QuotaEntity.address("0:0:0:0:0:0:0:1"), "connection_creation_rate", "2");
        InetAddress loopback = address("::1");
        assertThat(quotas.connect(loopback, nowNanos)).isZero();
        assertThat(quotas.connect(loopback, nowNanos)).isZero();
        assertThat(quotas.connect(loopback, nowNanos)).isEqualTo(500);
        assertThat(quotas.connect(address("127.0.0.1"), nowNanos)).isZero();
        advance(500);
        assertThat(quotas.connect(loopback, nowNanos))
                .as("refused ones did not count")
                .isZero();
    }

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
    }

    private ConnectionQuota connection(String clientId) {
        ConnectionQuota quota = new ConnectionQuota(quotas);
        boolean unused = quota.applies("u", clientId, nowNanos);
        return quota;
    }

    private void advance(long ms) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private void set(QuotaEntity entity, String key, @Nullable String value) {
        var scope = new ConfigScope(ConfigScope.Kind.QUOTA, entity.text());
        var unused = metaLog.submit(
                        new MetaCommand.AlterConfigs(scope, List.of(new MetaCommand.ConfigChange(key, value)), false))
                .join();
    }
}
