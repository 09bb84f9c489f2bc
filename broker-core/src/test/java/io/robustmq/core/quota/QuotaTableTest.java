package io.robustmq.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuotaTableTest {
    private static final QuotaKey KEY = QuotaKey.PRODUCER_BYTE_RATE;
    /** From what counts most to what counts least (KIP-55), with who shares the bucket. */
    private static final Map<QuotaEntity, QuotaEntity> ORDER = order();

    private static Map<QuotaEntity, QuotaEntity> order() {
        QuotaEntity both = QuotaEntity.client("u", "c");
        QuotaEntity user = QuotaEntity.client("u", null);
        QuotaEntity clientId = QuotaEntity.client(null, "c");
        Map<QuotaEntity, QuotaEntity> order = new LinkedHashMap<>();
        order.put(both, both);
        order.put(QuotaEntity.client("u", ""), both);
        order.put(user, user);
        order.put(QuotaEntity.client("", "c"), both);
        order.put(QuotaEntity.client("", ""), both);
        order.put(QuotaEntity.client("", null), user);
        order.put(clientId, clientId);
        order.put(QuotaEntity.client(null, ""), clientId);
        return order;
    }

    @Test
    void whatNamesAClientMoreExactlyCounts() {
        List<QuotaEntity> entities = List.copyOf(ORDER.keySet());
        for (int first = 0; first < entities.size(); first++) {
            Map<QuotaEntity, Map<QuotaKey, Double>> limits = new LinkedHashMap<>();
            for (int i = first; i < entities.size(); i++) {
                limits.put(entities.get(i), Map.of(KEY, i + 1.0));
            }
            QuotaEntity counts = entities.get(first);
            assertThat(new QuotaTable(limits).ofClient(KEY, "u", "c"))
                    .as("%s", counts)
                    .contains(new QuotaTable.Limit(KEY, ORDER.get(counts), first + 1.0));
        }
    }

    @Test
    void othersHaveNoLimit() {
        QuotaTable table = new QuotaTable(Map.of(QuotaEntity.client("u", "c"), Map.of(KEY, 1.0)));
        assertThat(table.ofClient(KEY, "u", "d")).isEmpty();
        assertThat(table.ofClient(KEY, "v", "c")).isEmpty();
        assertThat(table.ofClient(QuotaKey.CONSUMER_BYTE_RATE, "u", "c")).isEmpty();
        assertThat(QuotaTable.EMPTY.isEmpty()).isTrue();
    }

    @Test
    void anAddressWithoutALimitHasTheDefault() {
        QuotaKey key = QuotaKey.CONNECTION_CREATION_RATE;
        QuotaTable table = new QuotaTable(
                Map.of(QuotaEntity.address("10.0.0.1"), Map.of(key, 1.0), QuotaEntity.address(""), Map.of(key, 2.0)));
        assertThat(table.ofAddress(key, "10.0.0.1").orElseThrow().rate()).isEqualTo(1.0);
        assertThat(table.ofAddress(key, "10.0.0.2"))
                .contains(new QuotaTable.Limit(key, QuotaEntity.address("10.0.0.2"), 2.0));
    }

    @Test
    void entitiesAreTextAndBack() {
        for (QuotaEntity entity : List.of(
                QuotaEntity.client("a=b&c", "ü %"),
                QuotaEntity.client("", null),
                QuotaEntity.client(null, ""),
                QuotaEntity.address("::1"))) {
            assertThat(QuotaEntity.parse(entity.text())).isEqualTo(entity);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new QuotaEntity("u", null, "10.0.0.1"));
        assertThatIllegalArgumentException().isThrownBy(() -> QuotaEntity.parse("group=g"));
    }
}
