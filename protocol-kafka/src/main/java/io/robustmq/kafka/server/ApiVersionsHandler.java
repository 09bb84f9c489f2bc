package io.robustmq.kafka.server;

import io.robustmq.core.port.MetaLog;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Tells what the table has. No features are finalized: clients then use the transaction and group protocols that need
 * none. Immutable.
 */
final class ApiVersionsHandler implements ApiHandler {
    static final short VERSION_MIN = 0;
    static final short VERSION_MAX = 5;

    private static final short NAMES_CLIENT = 3;
    private static final short NAMES_CLUSTER = 5;
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
            response.setApiKeys(versions());
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
