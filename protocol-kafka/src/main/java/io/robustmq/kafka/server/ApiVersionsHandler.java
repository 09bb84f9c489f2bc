package io.robustmq.kafka.server;

import io.robustmq.core.port.MetaLog;
import io.robustmq.kafka.Features;
import io.robustmq.kafka.Features.Feature;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKeyCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKeyCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Tells what the table and {@link Features} have. Immutable. */
final class ApiVersionsHandler implements ApiHandler {
    static final short VERSION_MIN = 0;
    static final short VERSION_MAX = 5;

    private static final short NAMES_CLIENT = 3;
    private static final short FEATURES = 3;
    private static final short MIN_OF_ZERO = 4;
    private static final short NAMES_CLUSTER = 5;
    private static final int NO_NODE = -1;
    private static final Pattern SOFTWARE_NAME = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    private final List<Range> ranges;
    private final int nodeId;
    private final MetaLog metaLog;

    ApiVersionsHandler(List<Range> ranges, int nodeId, MetaLog metaLog) {
        this.ranges = List.copyOf(ranges);
        this.nodeId = nodeId;
        this.metaLog = metaLog;
    }

    @Override
    public void handle(KafkaRequest request) {
        ApiVersionsRequestData body = request.body(ApiVersionsRequestData.class);
        ApiVersionsResponseData response = new ApiVersionsResponseData();
        Errors error = check(body, request.version());
        if (error == Errors.NONE) {
            request.introduce(new ClientSoftware(body.clientSoftwareName(), body.clientSoftwareVersion()));
            response.setApiKeys(versions());
            if (request.version() >= FEATURES) {
                addFeatures(response, request.version());
            }
        }
        request.respond(response.setErrorCode(error.code()));
    }

    /** The answer, as version 0, to a version nobody knows: the client asks again with one it finds here. */
    ApiVersionsResponseData unsupportedVersion() {
        ApiVersionCollection only = new ApiVersionCollection(1);
        only.add(version(new Range(ApiKeys.API_VERSIONS, VERSION_MIN, VERSION_MAX)));
        return new ApiVersionsResponseData()
                .setErrorCode(Errors.UNSUPPORTED_VERSION.code())
                .setApiKeys(only);
    }

    private Errors check(ApiVersionsRequestData body, short version) {
        if (version >= NAMES_CLIENT
                && !(SOFTWARE_NAME.matcher(body.clientSoftwareName()).matches()
                        && SOFTWARE_NAME.matcher(body.clientSoftwareVersion()).matches())) {
            return Errors.INVALID_REQUEST;
        }
        if (version >= NAMES_CLUSTER) {
            String cluster = body.clusterId();
            if ((cluster == null) != (body.nodeId() == NO_NODE)) {
                return Errors.INVALID_REQUEST;
            }
            boolean here = cluster == null || (cluster.equals(metaLog.image().clusterId()) && body.nodeId() == nodeId);
            return here ? Errors.NONE : Errors.REBOOTSTRAP_REQUIRED;
        }
        return Errors.NONE;
    }

    /** The epoch grows from one start to the next: clients ignore levels that are not newer than what they know. */
    private void addFeatures(ApiVersionsResponseData response, short version) {
        SupportedFeatureKeyCollection supported = new SupportedFeatureKeyCollection();
        FinalizedFeatureKeyCollection finalized = new FinalizedFeatureKeyCollection();
        for (Feature feature : Features.all(metaLog.image())) {
            // Clients of the older version refuse a minimum of 0 (KAFKA-17011).
            if (feature.min() > 0 || version >= MIN_OF_ZERO) {
                supported.add(new SupportedFeatureKey()
                        .setName(feature.name())
                        .setMinVersion(feature.min())
                        .setMaxVersion(feature.max()));
            }
            if (feature.level() > 0) {
                finalized.add(new FinalizedFeatureKey()
                        .setName(feature.name())
                        .setMinVersionLevel(feature.level())
                        .setMaxVersionLevel(feature.level()));
            }
        }
        response.setSupportedFeatures(supported)
                .setFinalizedFeatures(finalized)
                .setFinalizedFeaturesEpoch(metaLog.image().index());
    }

    private ApiVersionCollection versions() {
        ApiVersionCollection versions = new ApiVersionCollection(ranges.size());
        for (Range range : ranges) {
            versions.add(version(range));
        }
        return versions;
    }

    private static ApiVersion version(Range range) {
        return new ApiVersion()
                .setApiKey(range.key().id)
                .setMinVersion(range.min())
                .setMaxVersion(range.max());
    }

    /** An API and the versions of it that are advertised. */
    record Range(ApiKeys key, short min, short max) {}
}
