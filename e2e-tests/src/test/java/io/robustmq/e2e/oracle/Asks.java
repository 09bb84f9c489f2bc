package io.robustmq.e2e.oracle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Collects the questions, in the order in which they are asked. */
final class Asks {
    private final Map<ApiKeys, ApiVersion> versions;
    private final boolean everyVersion;
    private final List<Ask> all = new ArrayList<>();
    private final Set<String> titles = new HashSet<>();

    /**
     * {@code versions} are those that both brokers advertise.
     *
     * @param everyVersion of those a question is for, instead of the newest
     */
    Asks(Map<ApiKeys, ApiVersion> versions, boolean everyVersion) {
        this.versions = versions;
        this.everyVersion = everyVersion;
    }

    /** A body for a version. */
    interface Body {
        ApiMessage of(World world, short version);
    }

    /** In every version that both brokers know. */
    Asks each(ApiKeys api, String name, Body body) {
        return from(api, name, 0, body);
    }

    /** In every version from {@code first} on that both know. */
    Asks from(ApiKeys api, String name, int first, Body body) {
        return between(api, name, first, Short.MAX_VALUE, body);
    }

    Asks between(ApiKeys api, String name, int first, int last, Body body) {
        ApiVersion both = versions.get(api);
        if (both != null) {
            int min = Math.max(first, Math.max(both.minVersion(), api.oldestVersion()));
            int max = Math.min(last, both.maxVersion());
            for (int version = everyVersion ? min : Math.max(min, max); version <= max; version++) {
                short asked = (short) version;
                add(new Ask(name, api, asked, world -> body.of(world, asked)));
            }
        }
        return this;
    }

    /** In the newest version that both know. */
    Asks last(ApiKeys api, String name, Function<World, ApiMessage> body) {
        ApiVersion both = versions.get(api);
        if (both != null) {
            add(new Ask(name, api, both.maxVersion(), body));
        }
        return this;
    }

    /** In one version, if both know it. */
    Asks at(ApiKeys api, int version, String name, Function<World, ApiMessage> body) {
        return between(api, name, version, version, (world, asked) -> body.apply(world));
    }

    private void add(Ask ask) {
        if (!titles.add(ask.title())) {
            throw new IllegalStateException("asked twice: " + ask.title());
        }
        all.add(ask);
    }

    List<Ask> all() {
        return all;
    }
}
