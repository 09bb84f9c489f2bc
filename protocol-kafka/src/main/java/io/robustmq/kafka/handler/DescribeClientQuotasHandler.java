package io.robustmq.kafka.handler;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.quota.QuotaEntity;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntryData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.ValueData;
import org.apache.kafka.common.protocol.Errors;

/** The quotas that are set, by whom they limit (KIP-546). */
public final class DescribeClientQuotasHandler implements ApiHandler {
    private static final byte EXACT = 0;
    private static final byte DEFAULT = 1;
    private static final byte ANY = 2;

    private final MetaLog metaLog;
    private final Access access;

    public DescribeClientQuotasHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeClientQuotasRequestData body = request.body(DescribeClientQuotasRequestData.class);
        DescribeClientQuotasResponseData response = new DescribeClientQuotasResponseData();
        Errors refusal = access.cluster(request.principal(), Operation.DESCRIBE_CONFIGS)
                ? malformed(body.components())
                : Errors.CLUSTER_AUTHORIZATION_FAILED;
        if (refusal != Errors.NONE) {
            request.respond(response.setErrorCode(refusal.code())
                    .setErrorMessage(refusal.message())
                    .setEntries(null));
            return;
        }
        List<EntryData> entries = new ArrayList<>();
        metaLog.image().configs().forEach((scope, values) -> {
            if (scope.kind() == ConfigScope.Kind.QUOTA && !values.isEmpty()) {
                QuotaEntity entity = QuotaEntity.parse(scope.name());
                if (matches(body, entity)) {
                    entries.add(new EntryData()
                            .setEntity(QuotaEntities.parts(entity))
                            .setValues(values(values)));
                }
            }
        });
        request.respond(response.setEntries(entries));
    }

    private static Errors malformed(List<ComponentData> components) {
        Set<String> types = new HashSet<>();
        for (ComponentData component : components) {
            if (!QuotaEntities.isKnown(component.entityType())) {
                return Errors.UNSUPPORTED_VERSION;
            }
            boolean named = component.matchType() == EXACT ? component.match() != null : component.match() == null;
            boolean known = component.matchType() >= EXACT && component.matchType() <= ANY;
            if (!types.add(component.entityType()) || !named || !known) {
                return Errors.INVALID_REQUEST;
            }
        }
        return types.contains(QuotaEntities.IP) && types.size() > 1 ? Errors.INVALID_REQUEST : Errors.NONE;
    }

    private static boolean matches(DescribeClientQuotasRequestData body, QuotaEntity entity) {
        for (ComponentData component : body.components()) {
            String name = QuotaEntities.name(entity, component.entityType());
            boolean matches = name != null
                    && (component.matchType() == ANY
                            || name.equals(component.matchType() == DEFAULT ? QuotaEntity.DEFAULT : component.match()));
            if (!matches) {
                return false;
            }
        }
        return !body.strict()
                || QuotaEntities.parts(entity).size() == body.components().size();
    }

    private static List<ValueData> values(Map<String, String> values) {
        List<ValueData> told = new ArrayList<>();
        new TreeMap<>(values)
                .forEach((key, value) -> told.add(new ValueData().setKey(key).setValue(Double.parseDouble(value))));
        return told;
    }
}
