package io.robustmq.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What operators see of MQTT clients and do with them, by the admin HTTP. The methods are commands of {@link MqttCommand}. */
class MqttClientsCommands {
    private static final String ROOT = "/api/v1/mqtt/";

    @Command(name = "clients", description = "Lists connected clients.", mixinStandardHelpOptions = true)
    public int clients(@Mixin AdminOption admin, @Mixin OutputOption output) throws IOException {
        List<List<Object>> rows = rows(
                admin,
                "clients",
                "",
                client -> List.of(
                        text(client, "clientId"),
                        text(client, "user"),
                        text(client, "address"),
                        client.path("protocolVersion").asInt(),
                        client.path("keepAliveSeconds").asInt(),
                        time(client, "connectedAtMs"),
                        client.path("subscriptions").asInt()));
        output.print(List.of("client", "user", "address", "version", "keep alive", "since", "subscriptions"), rows);
        return 0;
    }

    @Command(
            name = "sessions",
            description = "Lists sessions, with or without connection.",
            mixinStandardHelpOptions = true)
    public int sessions(
            @Mixin AdminOption admin,
            @Mixin OutputOption output,
            @Option(names = "--slowest", description = "Those that are behind with most, first; one page of them.")
                    boolean slowest)
            throws IOException {
        List<List<Object>> rows = rows(
                admin,
                "sessions",
                slowest ? "order=slowest" : "",
                session -> List.of(
                        text(session, "clientId"),
                        text(session, "user"),
                        session.path("connected").asBoolean(),
                        session.path("expirySeconds").asLong(),
                        session.path("subscriptions").asInt(),
                        session.path("inFlight").asInt(),
                        session.path("queued").asInt(),
                        session.path("queuedBytes").asLong()));
        output.print(
                List.of("client", "user", "connected", "expiry", "subscriptions", "in flight", "queued", "bytes"),
                rows);
        return 0;
    }

    @Command(name = "subscriptions", description = "Lists subscriptions.", mixinStandardHelpOptions = true)
    public int subscriptions(
            @Mixin AdminOption admin,
            @Mixin OutputOption output,
            @Option(names = "--client", paramLabel = "ID", description = "Only of this client.") @Nullable
                    String client)
            throws IOException {
        String only = client == null ? "" : "client=" + AdminOption.encoded(client);
        List<List<Object>> rows = rows(
                admin,
                "subscriptions",
                only,
                subscription -> List.of(
                        text(subscription, "clientId"),
                        text(subscription, "filter"),
                        subscription.path("qos").asInt()));
        output.print(List.of("client", "filter", "qos"), rows);
        return 0;
    }

    @Command(name = "kick", description = "Disconnects a client.", mixinStandardHelpOptions = true)
    public int kick(
            @Mixin AdminOption admin,
            @Parameters(paramLabel = "CLIENT") String client,
            @Option(names = "--session", description = "End its session as well.") boolean session)
            throws IOException {
        admin.call("DELETE", ROOT + (session ? "sessions/" : "clients/") + AdminOption.encoded(client));
        System.out.println("disconnected " + client);
        return 0;
    }

    @Command(
            name = "ban",
            description = "Keeps a client, user or range of addresses away.",
            mixinStandardHelpOptions = true)
    public int ban(
            @Mixin AdminOption admin,
            @Parameters(paramLabel = "client|user|address") String kind,
            @Parameters(paramLabel = "VALUE") String value,
            @Option(names = "--seconds", description = "Default: for ever.", defaultValue = "0") long seconds,
            @Option(names = "--reason", defaultValue = "") String reason)
            throws IOException {
        admin.call(
                "POST",
                ROOT + "bans?kind=" + AdminOption.encoded(kind) + "&value=" + AdminOption.encoded(value) + "&seconds="
                        + seconds + "&reason=" + AdminOption.encoded(reason));
        System.out.println("banned " + kind + " " + value);
        return 0;
    }

    @Command(name = "unban", description = "Ends a ban.", mixinStandardHelpOptions = true)
    public int unban(
            @Mixin AdminOption admin,
            @Parameters(paramLabel = "client|user|address") String kind,
            @Parameters(paramLabel = "VALUE") String value)
            throws IOException {
        admin.call("DELETE", ROOT + "bans?kind=" + AdminOption.encoded(kind) + "&value=" + AdminOption.encoded(value));
        System.out.println("no longer banned: " + kind + " " + value);
        return 0;
    }

    @Command(name = "bans", description = "Lists who is banned.", mixinStandardHelpOptions = true)
    public int bans(@Mixin AdminOption admin, @Mixin OutputOption output) throws IOException {
        List<List<Object>> rows = rows(
                admin,
                "bans",
                "",
                ban -> List.of(
                        text(ban, "kind"),
                        text(ban, "value"),
                        text(ban, "reason"),
                        text(ban, "by"),
                        time(ban, "untilMs")));
        output.print(List.of("kind", "value", "reason", "by", "until"), rows);
        return 0;
    }

    @Command(
            name = "delayed",
            description = "Lists messages that wait, or cancels one.",
            mixinStandardHelpOptions = true)
    public int delayed(
            @Mixin AdminOption admin,
            @Mixin OutputOption output,
            @Option(names = "--cancel", paramLabel = "ID") @Nullable String cancelled)
            throws IOException {
        if (cancelled != null) {
            admin.call("DELETE", ROOT + "delayed/" + AdminOption.encoded(cancelled));
            System.out.println("cancelled " + cancelled);
            return 0;
        }
        List<List<Object>> rows = rows(
                admin,
                "delayed",
                "",
                message -> List.of(
                        text(message, "id"),
                        text(message, "topic"),
                        time(message, "dueAtMs"),
                        text(message, "clientId"),
                        message.path("qos").asInt(),
                        message.path("bytes").asInt()));
        output.print(List.of("id", "topic", "due", "client", "qos", "bytes"), rows);
        return 0;
    }

    @Command(
            name = "trace",
            description = "Writes what passes on connections to traces/NAME.log in the node's data directory.",
            mixinStandardHelpOptions = true)
    public int trace(
            @Mixin AdminOption admin,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--client", paramLabel = "ID", defaultValue = "") String client,
            @Option(names = "--topic", paramLabel = "FILTER", defaultValue = "") String topic,
            @Option(names = "--seconds", defaultValue = "600") int seconds,
            @Option(names = "--stop", description = "Ends it.") boolean stop)
            throws IOException {
        String path = ROOT + "traces/" + AdminOption.encoded(name);
        if (stop) {
            admin.call("DELETE", path);
            System.out.println("stopped " + name);
            return 0;
        }
        admin.call(
                "POST",
                path + "?client=" + AdminOption.encoded(client) + "&topic=" + AdminOption.encoded(topic) + "&seconds="
                        + seconds);
        System.out.println("tracing to traces/" + name + ".log");
        return 0;
    }

    @Command(name = "traces", description = "Lists what is traced.", mixinStandardHelpOptions = true)
    public int traces(@Mixin AdminOption admin, @Mixin OutputOption output) throws IOException {
        List<List<Object>> rows = rows(
                admin,
                "traces",
                "",
                trace -> List.of(
                        text(trace, "name"), text(trace, "client"), text(trace, "topic"), time(trace, "untilMs")));
        output.print(List.of("name", "client", "topic", "until"), rows);
        return 0;
    }

    @Command(
            name = "slow",
            description = "Lists subscribers that took long to acknowledge, the slowest first, or forgets them.",
            mixinStandardHelpOptions = true)
    public int slow(@Mixin AdminOption admin, @Mixin OutputOption output, @Option(names = "--forget") boolean forget)
            throws IOException {
        if (forget) {
            admin.call("DELETE", ROOT + "slow");
            System.out.println("forgotten");
            return 0;
        }
        List<List<Object>> rows = rows(
                admin,
                "slow",
                "",
                client -> List.of(
                        text(client, "clientId"),
                        text(client, "topic"),
                        client.path("worstMs").asLong(),
                        client.path("count").asLong(),
                        time(client, "atMs")));
        output.print(List.of("client", "topic", "worst ms", "count", "last"), rows);
        return 0;
    }

    /** Of all pages. */
    private static List<List<Object>> rows(
            AdminOption admin, String noun, String query, Function<JsonNode, List<Object>> row) throws IOException {
        List<List<Object>> rows = new ArrayList<>();
        String after = "";
        do {
            String path = ROOT + noun + "?limit=1000&" + query + "&after=" + AdminOption.encoded(after);
            JsonNode page = admin.get(path);
            page.path(noun).forEach(one -> rows.add(row.apply(one)));
            after = page.path("next").asText();
        } while (!after.isEmpty());
        return rows;
    }

    private static String text(JsonNode from, String name) {
        return from.path(name).asText();
    }

    private static String time(JsonNode from, String name) {
        return from.has(name) ? Instant.ofEpochMilli(from.path(name).asLong()).toString() : "";
    }
}
