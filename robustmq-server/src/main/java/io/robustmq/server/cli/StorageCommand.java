package io.robustmq.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The object store as a node's admin HTTP shows it. */
@Command(
        name = "storage",
        description = "Shows what is in the object store, and whether it is whole.",
        mixinStandardHelpOptions = true)
final class StorageCommand implements Runnable {
    private static final String STORAGE = "/api/v1/storage/";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: status, verify or gc");
    }

    @Command(
            name = "status",
            description =
                    "Shows whether the store answers, what is stored of each partition, how many objects they share, and the requests and bytes of the"
                            + " node that is asked since it started, by kind, as stores bill them.",
            mixinStandardHelpOptions = true)
    int status(@Mixin AdminOption admin, @Mixin OutputOption output) throws IOException {
        JsonNode status = admin.getPatiently(STORAGE + "status");
        boolean isUp = status.path("downMs").asLong() == 0;
        if (output.isJson()) {
            System.out.println(status);
            return isUp ? 0 : 1;
        }
        System.out.println("store " + status.path("store").asText() + "  "
                + (isUp
                        ? "up"
                        : "down for " + status.path("downMs").asLong() + " ms: "
                                + status.path("downReason").asText())
                + "  repeated " + status.path("retries").asLong() + "  given up "
                + status.path("givenUp").asLong());
        List<List<Object>> requests = new ArrayList<>();
        for (JsonNode kind : status.path("requests")) {
            requests.add(List.of(
                    kind.path("kind").asText(),
                    kind.path("requests").asLong(),
                    kind.path("bytes").asLong()));
        }
        output.print(List.of("request", "count", "bytes"), requests);
        boolean knowsPacks = status.has("packs");
        System.out.println("packs " + (knowsPacks ? status.path("packs").asLong() : "unknown") + "  bytes "
                + (knowsPacks ? status.path("packBytes").asLong() : "unknown"));
        List<List<Object>> partitions = new ArrayList<>();
        for (JsonNode each : status.path("partitions")) {
            boolean known = each.path("known").asBoolean();
            partitions.add(List.of(
                    each.path("topic").asText(),
                    each.path("partition").asInt(),
                    each.path("leader").asInt(),
                    known ? each.path("segments").asLong() : "unknown",
                    known ? each.path("bytes").asLong() : "unknown",
                    known ? each.path("start").asLong() : "unknown",
                    known ? each.path("end").asLong() : "unknown"));
        }
        output.print(List.of("topic", "partition", "leader", "segments", "bytes", "start", "end"), partitions);
        return isUp ? 0 : 1;
    }

    @Command(
            name = "verify",
            description =
                    "Looks whether all that the manifests say, and what the logs of topics with storage=s3|hdfs refer to, is"
                            + " in the store, in its size. Ends with 1 if not.",
            mixinStandardHelpOptions = true)
    int verify(
            @Parameters(paramLabel = "TOPIC", arity = "0..1", description = "Of all topics without.") @Nullable
                    String topic,
            @Option(names = "--read", description = "All bytes are read and their checksums checked, too.")
                    boolean read,
            @Mixin AdminOption admin,
            @Mixin OutputOption output)
            throws IOException {
        List<List<Object>> rows = new ArrayList<>();
        boolean isWhole = true;
        for (JsonNode each : admin.getPatiently(STORAGE + "status").path("partitions")) {
            String name = each.path("topic").asText();
            if (topic != null && !topic.equals(name)) {
                continue;
            }
            int partition = each.path("partition").asInt();
            JsonNode verified = admin.getPatiently(STORAGE + "verify?topic=" + AdminOption.encoded(name) + "&partition="
                    + partition + "&read=" + read);
            int faults = verified.path("faults").size();
            isWhole &= faults == 0;
            rows.add(List.of(
                    name,
                    partition,
                    verified.path("segments").asLong(),
                    verified.path("bytes").asLong(),
                    verified.path("packs").asLong(),
                    faults));
            verified.path("faults")
                    .forEach(fault -> System.err.println(name + "-" + partition + ": " + fault.asText()));
        }
        if (topic != null && rows.isEmpty()) {
            throw new CommandException("nothing of a topic " + topic + " is to be in the object store");
        }
        output.print(List.of("topic", "partition", "segments", "bytes", "packs", "faults"), rows);
        return isWhole ? 0 : 1;
    }

    @Command(
            name = "gc",
            description =
                    "Lets the leaders on the node that is asked delete objects that nothing refers to, which they do by"
                            + " themselves each remote.storage.sweep.interval.ms, and if it leads partition 0 of __segments"
                            + " packs, as each storage.sweep.interval.ms.",
            mixinStandardHelpOptions = true)
    int gc(
            @Option(
                            names = "--dry-run",
                            description =
                                    "Only shows what no live segment is made of, in the whole cluster: also what is being stored,"
                                            + " and what is kept for its readers for remote.storage.delete.delay.ms.")
                    boolean dryRun,
            @Mixin AdminOption admin)
            throws IOException {
        if (!dryRun) {
            admin.call("POST", STORAGE + "sweep");
            System.out.println("leaders on this node look for objects that nothing refers to");
            return 0;
        }
        JsonNode unreferenced = admin.getPatiently(STORAGE + "unreferenced");
        unreferenced.path("names").forEach(name -> System.out.println(name.asText()));
        long objects = unreferenced.path("objects").asLong();
        long more = objects - unreferenced.path("names").size();
        System.out.println((more > 0 ? "and " + more + " more; " : "") + objects + " objects, "
                + unreferenced.path("bytes").asLong() + " bytes");
        return 0;
    }
}
