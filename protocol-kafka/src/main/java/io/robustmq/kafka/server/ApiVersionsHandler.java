package io.robustmq.kafka.server;

import io.robustmq.core.port.MetaLog;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Tells what the table has, and the features that decide which protocols clients use. Immutable. */
final class ApiVersionsHandler implements ApiHandler {
    static final short VERSION_MIN = 0;
    static final short VERSION_MAX = 5;

    private static final short NAMES_CLIENT = 3;
    private static final short NAMES_CLUSTER = 5;
    private static final Pattern SOFTWARE_NAME = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    /** Of the finalized features: they are what this version of the broker has, and never change while it runs. */
    private static final long FEATURES_EPOCH = 1;

    private static final short NAMES_FEATURES = 3;
    private static final short FEATURES_FROM_ZERO = 4;

    private final List<Range> ranges;
    private final List<Feature> features;
    private final int nodeId;
    private final MetaLog metaLog;

    ApiVersionsHandler(List<Range> ranges, List<Feature> features, int nodeId, MetaLog metaLog) {
        this.ranges = List.copyOf(ranges);
        this.features = List.copyOf(features);
        this.nodeId = nodeId;
        this.metaLog = metaLog;
    }

    @Override
    public void handle(KafkaRequest request) {
        ApiVersionsRequestData body = request.body(ApiVersionsRequestData.class);
        ApiVersionsResponseData response = new ApiVersionsResponseData();
        Errors error = check(body, request.version());
        if (error == Errors.NONE) {
            response.setApiKeys(versions());
            if (request.version() >= NAMES_FEATURES) {
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
            boolean otherCluster =
                    cluster != null && !cluster.equals(metaLog.image().clusterId());
            boolean otherNode = body.nodeId() >= 0 && body.nodeId() != nodeId;
            return otherCluster || otherNode ? Errors.REBOOTSTRAP_REQUIRED : Errors.NONE;
        }
        return Errors.NONE;
    }

    private void addFeatures(ApiVersionsResponseData response, short version) {
        response.setFinalizedFeaturesEpoch(FEATURES_EPOCH);
        for (Feature feature : features) {
            response.finalizedFeatures()
                    .add(new FinalizedFeatureKey()
                            .setName(feature.name())
                            .setMinVersionLevel(feature.finalized())
                            .setMaxVersionLevel(feature.finalized()));
            // Before version 4 a feature could not be said to begin at 0.
            short min = version >= FEATURES_FROM_ZERO ? (short) 0 : (short) 1;
            response.supportedFeatures()
                    .add(new SupportedFeatureKey()
                            .setName(feature.name())
                            .setMinVersion(min)
                            .setMaxVersion(feature.finalized()));
        }
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

    /** A feature that clients ask for by name, and the level that is in force. */
    record Feature(String name, short finalized) {}

    /** An API and the versions of it that are advertised. */
    record Range(ApiKeys key, short min, short max) {}
}
