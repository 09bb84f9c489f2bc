package io.robustmq.mqtt.sys;

import io.robustmq.core.model.Principal;
import io.robustmq.mqtt.deliver.SystemMessages;
import java.util.List;

/**
 * Tells under {@code $SYS/brokers/<node>/clients/<client>/} that clients came, went, subscribed and unsubscribed, by EMQX's names;
 * nothing is made while nobody subscribes there. Any loop.
 */
public final class ClientEvents {
    private final SystemMessages system;
    private final String root;

    public ClientEvents(SystemMessages system, int nodeId) {
        this.system = system;
        this.root = SystemMessages.PREFIX + "brokers/" + nodeId + "/clients/";
    }

    /**
     * Of whom.
     *
     * @param version the byte in CONNECT
     */
    public record Client(String clientId, Principal principal, String address, int version) {}

    public void connected(
            Client client, boolean cleanStart, int keepAliveSeconds, long expirySeconds, boolean present, long nowMs) {
        if (system.isWanted()) {
            tell(
                    client,
                    "connected",
                    of(client, nowMs)
                            .put("proto_ver", client.version())
                            .put("keepalive", keepAliveSeconds)
                            .put("clean_start", cleanStart)
                            .put("expiry_interval", expirySeconds)
                            .put("session_present", present)
                            .put("connected_at", nowMs));
        }
    }

    public void disconnected(Client client, String reason, long nowMs) {
        if (system.isWanted()) {
            tell(client, "disconnected", of(client, nowMs).put("reason", reason).put("disconnected_at", nowMs));
        }
    }

    public void subscribed(Client client, String filter, int qos, long nowMs) {
        if (system.isWanted()) {
            tell(client, "subscribed", of(client, nowMs).put("topic", filter).put("qos", qos));
        }
    }

    public void unsubscribed(Client client, List<String> filters, long nowMs) {
        if (system.isWanted()) {
            filters.forEach(
                    filter -> tell(client, "unsubscribed", of(client, nowMs).put("topic", filter)));
        }
    }

    private static JsonLine of(Client client, long nowMs) {
        return new JsonLine()
                .put("clientid", client.clientId())
                .put("username", client.principal().name())
                .put("ipaddress", client.address())
                .put("ts", nowMs);
    }

    private void tell(Client client, String what, JsonLine event) {
        system.tell(root + level(client.clientId()) + "/" + what, event.toBytes());
    }

    /** The client id as one level of a topic. */
    static String level(String clientId) {
        return clientId.replace("%", "%25")
                .replace("/", "%2F")
                .replace("+", "%2B")
                .replace("#", "%23")
                .replace("\0", "%00");
    }
}
