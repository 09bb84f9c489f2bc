package io.robustmq.kafka.handler;

import io.robustmq.core.quota.QuotaEntity;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntityData;
import org.jspecify.annotations.Nullable;

/** Kafka's words for whom a quota limits. Stateless. */
final class QuotaEntities {
    static final String USER = "user";
    static final String CLIENT_ID = "client-id";
    static final String IP = "ip";

    private QuotaEntities() {}

    static boolean isKnown(String type) {
        return type.equals(USER) || type.equals(CLIENT_ID) || type.equals(IP);
    }

    /** Null when the entity does not name such a part. */
    static @Nullable String name(QuotaEntity entity, String type) {
        return switch (type) {
            case USER -> entity.user();
            case CLIENT_ID -> entity.clientId();
            case IP -> entity.ip();
            default -> null;
        };
    }

    /** Its parts, as an answer has them: the default is null. */
    static List<EntityData> parts(QuotaEntity entity) {
        List<EntityData> parts = new ArrayList<>(2);
        for (String type : new String[] {USER, CLIENT_ID, IP}) {
            String name = name(entity, type);
            if (name != null) {
                parts.add(new EntityData()
                        .setEntityType(type)
                        .setEntityName(name.equals(QuotaEntity.DEFAULT) ? null : name));
            }
        }
        return parts;
    }
}
