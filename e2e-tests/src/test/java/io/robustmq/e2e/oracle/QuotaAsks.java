package io.robustmq.e2e.oracle;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Questions about client quotas. */
final class QuotaAsks {
    private static final String USER = "user";
    private static final String CLIENT = "client-id";
    private static final String IP = "ip";
    private static final String RATE = "producer_byte_rate";
    private static final int EXACT = 0;
    private static final int DEFAULT = 1;
    private static final int ANY = 2;

    private QuotaAsks() {}

    static void addTo(Asks asks) {
        asks.each(ApiKeys.ALTER_CLIENT_QUOTAS, "user", (w, v) -> alter(RATE, 5e9, USER, "u"));
        asks.last(ApiKeys.ALTER_CLIENT_QUOTAS, "user and client", w -> alter(RATE, 6e9, USER, "u", CLIENT, "c"));
        asks.last(
                ApiKeys.ALTER_CLIENT_QUOTAS, "default client", w -> alter("request_percentage", 5_000.5, CLIENT, null));
        asks.last(
                ApiKeys.ALTER_CLIENT_QUOTAS,
                "address",
                w -> alter("connection_creation_rate", 1_000_000, IP, "10.1.2.3"));
        asks.last(
                ApiKeys.ALTER_CLIENT_QUOTAS, "mutations", w -> alter("controller_mutation_rate", 100_000, USER, null));
        wrongly(asks, "nobody", alter(RATE, 1));
        wrongly(asks, "unknown type", alter(RATE, 1, "group", "g"));
        wrongly(asks, "empty name", alter(RATE, 1, USER, ""));
        wrongly(asks, "address and user", alter(RATE, 1, IP, "10.1.2.3", USER, "u"));
        wrongly(asks, "no address", alter("connection_creation_rate", 1, IP, "no address"));
        wrongly(asks, "unknown key", alter("no_such_key", 1, USER, "u"));
        wrongly(asks, "key of addresses", alter("connection_creation_rate", 1, USER, "u"));
        wrongly(asks, "key of clients", alter(RATE, 1, IP, "10.1.2.3"));
        wrongly(asks, "zero", alter(RATE, 0, USER, "u"));
        wrongly(asks, "negative", alter(RATE, -1, USER, "u"));
        wrongly(asks, "fraction", alter(RATE, 1.5, USER, "u"));
        wrongly(asks, "nothing", new AlterClientQuotasRequestData());
        wrongly(asks, "no keys", alter(null, 0, USER, "u"));
        asks.last(ApiKeys.ALTER_CLIENT_QUOTAS, "validate only", w -> alter(RATE, 1, USER, "never")
                .setValidateOnly(true));
        describe(asks);
        asks.last(ApiKeys.ALTER_CLIENT_QUOTAS, "remove", w -> remove(alter(RATE, 0, USER, "u")));
        asks.last(ApiKeys.ALTER_CLIENT_QUOTAS, "remove what is not set", w -> remove(alter(RATE, 0, USER, "absent")));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "after removing", w -> describe(false));
    }

    private static void describe(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "all", (w, v) -> describe(false));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "strictly nothing", w -> describe(true));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "user", w -> describe(false, part(USER, EXACT, "u")));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "strictly user", w -> describe(true, part(USER, EXACT, "u")));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "any user", w -> describe(false, part(USER, ANY, null)));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "default user", w -> describe(false, part(USER, DEFAULT, null)));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "any address", w -> describe(true, part(IP, ANY, null)));
        asks.last(
                ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                "user and client",
                w -> describe(true, part(USER, ANY, null), part(CLIENT, ANY, null)));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "unknown type", w -> describe(false, part("group", ANY, null)));
        asks.last(
                ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                "type twice",
                w -> describe(false, part(USER, ANY, null), part(USER, EXACT, "u")));
        asks.last(
                ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                "address and user",
                w -> describe(false, part(USER, ANY, null), part(IP, ANY, null)));
        asks.last(ApiKeys.DESCRIBE_CLIENT_QUOTAS, "match type 9", w -> describe(false, part(USER, 9, null)));
        asks.last(
                ApiKeys.DESCRIBE_CLIENT_QUOTAS, "exact without a name", w -> describe(false, part(USER, EXACT, null)));
    }

    private static void wrongly(Asks asks, String name, AlterClientQuotasRequestData request) {
        asks.last(ApiKeys.ALTER_CLIENT_QUOTAS, "wrongly: " + name, w -> request.duplicate());
    }

    private static AlterClientQuotasRequestData alter(
            @Nullable String key, double value, @Nullable String... typesAndNames) {
        List<AlterClientQuotasRequestData.EntityData> entity = new ArrayList<>();
        for (int i = 0; i < typesAndNames.length; i += 2) {
            entity.add(new AlterClientQuotasRequestData.EntityData()
                    .setEntityType(typesAndNames[i])
                    .setEntityName(typesAndNames[i + 1]));
        }
        var entry = new AlterClientQuotasRequestData.EntryData().setEntity(entity);
        if (key != null) {
            entry.setOps(List.of(
                    new AlterClientQuotasRequestData.OpData().setKey(key).setValue(value)));
        }
        return new AlterClientQuotasRequestData().setEntries(List.of(entry));
    }

    private static AlterClientQuotasRequestData remove(AlterClientQuotasRequestData request) {
        request.entries().get(0).ops().get(0).setRemove(true);
        return request;
    }

    private static DescribeClientQuotasRequestData describe(boolean strict, ComponentData... parts) {
        return new DescribeClientQuotasRequestData().setStrict(strict).setComponents(List.of(parts));
    }

    private static ComponentData part(String type, int match, @Nullable String name) {
        return new ComponentData()
                .setEntityType(type)
                .setMatchType((byte) match)
                .setMatch(name);
    }
}
