package io.robustmq.kafka.handler;

import io.netty.util.NetUtil;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.quota.QuotaEntity;
import io.robustmq.core.quota.QuotaKey;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData.EntityData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData.EntryData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Sets and removes quotas (KIP-546). They count from the next request of whom they limit. */
public final class AlterClientQuotasHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Access access;

    public AlterClientQuotasHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        AlterClientQuotasRequestData body = request.body(AlterClientQuotasRequestData.class);
        AlterClientQuotasResponseData response = new AlterClientQuotasResponseData();
        boolean allowed = access.cluster(request.principal(), Operation.ALTER_CONFIGS);
        Pending pending = new Pending(request.loop(), body.entries().size() + 1, () -> request.respond(response));
        for (AlterClientQuotasRequestData.EntryData asked : body.entries()) {
            EntryData result = new EntryData().setErrorMessage(null);
            asked.entity().forEach(part -> result.entity()
                    .add(new EntityData().setEntityType(part.entityType()).setEntityName(part.entityName())));
            response.entries().add(result);
            if (allowed) {
                alter(asked, body.validateOnly(), result, pending);
            } else {
                refuse(result, Errors.CLUSTER_AUTHORIZATION_FAILED, Errors.CLUSTER_AUTHORIZATION_FAILED.message());
                pending.done();
            }
        }
        pending.done();
    }

    private void alter(
            AlterClientQuotasRequestData.EntryData asked, boolean validateOnly, EntryData result, Pending pending) {
        QuotaEntity entity = entity(asked.entity());
        if (entity == null) {
            refuse(result, Errors.INVALID_REQUEST, "Quotas are for a user, a client id, both, or an IP address.");
            pending.done();
            return;
        }
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        for (OpData op : asked.ops()) {
            String fault = values.containsKey(op.key()) ? op.key() + " is changed twice" : fault(entity, op);
            if (!fault.isEmpty()) {
                refuse(result, Errors.INVALID_REQUEST, fault);
                pending.done();
                return;
            }
            values.put(op.key(), op.remove() ? null : Double.toString(op.value()));
        }
        List<ConfigChange> changes = new ArrayList<>();
        values.forEach((key, value) -> changes.add(new ConfigChange(key, value)));
        ConfigScope scope = new ConfigScope(ConfigScope.Kind.QUOTA, entity.text());
        pending.track(metaLog.submit(new MetaCommand.AlterConfigs(scope, changes, validateOnly)), reply -> {
            if (reply instanceof MetaReply.Refused refused) {
                refuse(result, ErrorCodes.of(refused.error()), refused.message());
            }
        });
    }

    /** Null when the parts name nobody. */
    private static @Nullable QuotaEntity entity(List<AlterClientQuotasRequestData.EntityData> parts) {
        Map<String, String> names = new HashMap<>();
        for (AlterClientQuotasRequestData.EntityData part : parts) {
            String name = part.entityName();
            // An empty name would be the default's, which is asked for by null.
            boolean empty = name != null && name.isEmpty();
            String before = names.put(part.entityType(), name == null ? QuotaEntity.DEFAULT : name);
            if (empty || before != null || !QuotaEntities.isKnown(part.entityType())) {
                return null;
            }
        }
        String ip = names.get(QuotaEntities.IP);
        if (names.isEmpty() || (ip != null && (names.size() > 1 || !isAddress(ip)))) {
            return null;
        }
        return new QuotaEntity(names.get(QuotaEntities.USER), names.get(QuotaEntities.CLIENT_ID), ip);
    }

    /** Names of hosts are not looked up. */
    private static boolean isAddress(String ip) {
        return ip.equals(QuotaEntity.DEFAULT) || NetUtil.isValidIpV4Address(ip) || NetUtil.isValidIpV6Address(ip);
    }

    private static String fault(QuotaEntity entity, OpData op) {
        QuotaKey key = QuotaKey.named(op.key()).orElse(null);
        if (key == null || key.ofAddresses() != (entity.ip() != null)) {
            return op.key() + " cannot be set here";
        }
        if (op.remove()) {
            return "";
        }
        boolean fits =
                op.value() > 0 && op.value() <= Long.MAX_VALUE && (!key.whole() || op.value() == Math.rint(op.value()));
        return fits
                ? ""
                : op.key() + "=" + op.value() + ": must be a positive " + (key.whole() ? "whole number" : "number");
    }

    private static void refuse(EntryData result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }
}
