package io.robustmq.kafka.server;

import io.robustmq.core.port.MetaLog;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** The one table of the APIs this broker serves, with their versions and handlers. Immutable. */
public final class ApiTable {
    private final @Nullable Api[] byKey;
    private final List<Api> all;
    private final ApiVersionsHandler apiVersions;
    private final MetaLog metaLog;

    private ApiTable(List<Api> added, int nodeId, MetaLog metaLog) {
        this.byKey = new Api[128];
        this.all = new ArrayList<>(added);
        this.metaLog = metaLog;
        List<ApiVersionsHandler.Range> ranges = new ArrayList<>();
        for (Api api : added) {
            ranges.add(new ApiVersionsHandler.Range(api.key(), api.advertisedMin(), api.max()));
        }
        ranges.add(new ApiVersionsHandler.Range(
                ApiKeys.API_VERSIONS, ApiVersionsHandler.VERSION_MIN, ApiVersionsHandler.VERSION_MAX));
        this.apiVersions = new ApiVersionsHandler(ranges, nodeId, metaLog);
        all.add(new Api(
                ApiKeys.API_VERSIONS,
                ApiVersionsHandler.VERSION_MIN,
                ApiVersionsHandler.VERSION_MIN,
                ApiVersionsHandler.VERSION_MAX,
                apiVersions));
        for (Api api : all) {
            byKey[api.key().id] = api;
        }
    }

    @Nullable
    Api find(short key) {
        return key < 0 || key >= byKey.length ? null : byKey[key];
    }

    ApiVersionsHandler apiVersions() {
        return apiVersions;
    }

    /** What the APIs answer from. */
    MetaLog metaLog() {
        return metaLog;
    }

    /** All APIs, in no particular order. */
    public List<Api> apis() {
        return List.copyOf(all);
    }

    /**
     * One row.
     *
     * @param advertisedMin what ApiVersions says; lower than {@code min} where old clients insist on it
     */
    public record Api(ApiKeys key, short advertisedMin, short min, short max, ApiHandler handler) {
        boolean serves(short version) {
            return version >= min && version <= max;
        }
    }

    /** Collects the rows. ApiVersions is always there and is not added. */
    public static final class Builder {
        private final int nodeId;
        private final MetaLog metaLog;
        private final Map<ApiKeys, Api> rows = new EnumMap<>(ApiKeys.class);

        public Builder(int nodeId, MetaLog metaLog) {
            this.nodeId = nodeId;
            this.metaLog = metaLog;
        }

        public Builder add(ApiKeys key, int minVersion, int maxVersion, ApiHandler handler) {
            return add(key, minVersion, minVersion, maxVersion, handler);
        }

        /** For an API that is advertised from a lower version than is served. */
        public Builder add(ApiKeys key, int advertisedMin, int minVersion, int maxVersion, ApiHandler handler) {
            if (minVersion < key.oldestVersion() || maxVersion > key.latestVersion(true) || minVersion > maxVersion) {
                throw new IllegalArgumentException(key + " has no versions " + minVersion + " to " + maxVersion);
            }
            Api row = new Api(key, (short) advertisedMin, (short) minVersion, (short) maxVersion, handler);
            if (rows.put(key, row) != null || key == ApiKeys.API_VERSIONS) {
                throw new IllegalStateException(key + " is in the table already");
            }
            return this;
        }

        /** Another handler in the place of each, in the same versions. */
        public Builder replaceAll(BiFunction<ApiKeys, ApiHandler, ApiHandler> other) {
            rows.replaceAll((key, row) ->
                    new Api(key, row.advertisedMin(), row.min(), row.max(), other.apply(key, row.handler())));
            return this;
        }

        public ApiTable build() {
            return new ApiTable(new ArrayList<>(rows.values()), nodeId, metaLog);
        }
    }
}
