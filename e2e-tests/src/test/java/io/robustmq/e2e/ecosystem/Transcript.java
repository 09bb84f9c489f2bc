package io.robustmq.e2e.ecosystem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A text of commands ({@code $ }) and what they print. Lines that only Apache Kafka prints start with {@code < }, lines that only
 * this broker prints with {@code > }, and a {@code # } before them says why.
 */
record Transcript(List<String> lines) {
    private static final String COMMAND = "$ ";
    private static final String REASON = "# ";

    /** What differs from one run to the next, and how it is written. */
    private static final Map<Pattern, String> CHANGING = changing();

    Transcript {
        lines = List.copyOf(lines);
    }

    private static Map<Pattern, String> changing() {
        var changing = new LinkedHashMap<Pattern, String>();
        changing.put(Pattern.compile("(?m)^\\tat .*\\n"), "");
        // A consumer whose assignment comes before the names of its topics first tells of none.
        changing.put(Pattern.compile("(?m)^.*\"partitions_assigned\",\"partitions\":\\[\\].*\\n"), "");
        changing.put(Pattern.compile("127\\.0\\.0\\.1[: ]\\d+"), "BROKER");
        changing.put(Pattern.compile("TopicId: \\S+"), "TopicId: ID");
        changing.put(Pattern.compile("(?i)(cluster ?id: *)\\S+"), "$1ID");
        changing.put(Pattern.compile("(\"log_?dirs?\":\\[?)\"[^\"]*\"", Pattern.CASE_INSENSITIVE), "$1\"DIR\"");
        changing.put(Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID");
        changing.put(Pattern.compile("\\b1[78]\\d{11}\\b *"), "TIME ");
        changing.put(Pattern.compile("\"avg_throughput\":[0-9.]+"), "\"avg_throughput\":N");
        changing.put(Pattern.compile("(FinalizedVersionLevel: \\S+ +Epoch: )\\d+"), "$1N");
        changing.put(Pattern.compile("(CompleteCommit\\s+\\d+\\s+\\S+\\s+)\\d+ *"), "$1N");
        changing.put(Pattern.compile("(?m)^(\\d+ records sent, ).*"), "$1...");
        changing.put(Pattern.compile("(?m)^(\\d+ +\\t)\\S+ *(\\t)\\d+ *(\\t\\d+ *\\t.*Leader)"), "$1ID$2N$3");
        return changing;
    }

    List<String> commands() {
        return lines.stream()
                .filter(line -> line.startsWith(COMMAND))
                .map(line -> line.substring(COMMAND.length()))
                .toList();
    }

    String ofApacheKafka() {
        return without("> ", "< ");
    }

    String ofThisBroker() {
        return without("< ", "> ");
    }

    private String without(String others, String own) {
        var text = new StringBuilder();
        for (String line : lines) {
            if (!line.startsWith(others) && !line.startsWith(REASON)) {
                text.append(line.startsWith(own) ? line.substring(own.length()) : line)
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** Commands whose output differs without a reason given. */
    List<String> unexplained() {
        var unexplained = new ArrayList<String>();
        String command = "";
        boolean explained = false;
        for (String line : lines) {
            if (line.startsWith(COMMAND)) {
                command = line;
                explained = false;
            } else if (line.startsWith(REASON)) {
                explained = true;
            } else if ((line.startsWith("< ") || line.startsWith("> ")) && !explained) {
                unexplained.add(command);
            }
        }
        return unexplained;
    }

    /** The output of a run as a transcript writes it. */
    static String normalised(String output) {
        String text = output;
        for (Map.Entry<Pattern, String> each : CHANGING.entrySet()) {
            text = each.getKey().matcher(text).replaceAll(each.getValue());
        }
        return text;
    }
}
