package io.robustmq.server.node;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.protocol.ApiKeys;

/** The text of docs/kafka-apis.md, from what a node answers to ApiVersions: the page says what clients are told. */
final class KafkaApiPage {
    private static final int REQUEST_BYTES = 10;

    private KafkaApiPage() {}

    static String of(String host, int port) throws IOException {
        Map<ApiKeys, String> served = ask(host, port);
        StringBuilder page = new StringBuilder("""
                # Kafka APIs

                Generated from a node's answer to ApiVersions; `NodeTest` fails when it is stale. Clients choose the version that both
                sides know, so anything from Kafka 2.1 on finds one.

                | API | key | versions |
                |---|---|---|
                """);
        served.forEach((key, versions) -> page.append("| ")
                .append(key.name)
                .append(" | ")
                .append(key.id)
                .append(" | ")
                .append(versions)
                .append(" |\n"));
        page.append("\nNot served; clients are told so and do not send them:\n\n");
        for (ApiKeys key : ApiKeys.values()) {
            boolean isForClients = ApiMessageType.fromApiKey(key.id).listeners().contains(ListenerType.BROKER);
            if (isForClients && !served.containsKey(key)) {
                page.append("- ").append(key.name).append('\n');
            }
        }
        return page.toString();
    }

    private static Map<ApiKeys, String> ask(String host, int port) throws IOException {
        Map<ApiKeys, String> served = new TreeMap<>();
        try (Socket socket = new Socket(host, port)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(REQUEST_BYTES);
            out.writeShort(ApiKeys.API_VERSIONS.id);
            out.writeShort(0);
            out.writeInt(1);
            out.writeShort(-1);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readInt();
            in.readInt();
            in.readShort();
            for (int remaining = in.readInt(); remaining > 0; remaining--) {
                ApiKeys key = ApiKeys.forId(in.readShort());
                served.put(key, in.readShort() + " to " + in.readShort());
            }
        }
        return served;
    }
}
