package io.robustmq.e2e.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The list of what this broker answers otherwise than Apache Kafka, and why: one a line, {@code request | field | reason},
 * where * stands for anything, and a comma between several fields of which one at least differs, below headings. The page docs/kafka-compatibility.md is made from it.
 */
final class KnownDifferences {
    static final Path LIST = Path.of("src/test/resources/kafka-differences.txt");

    private static final String SEPARATOR = " | ";
    private static final String HEADING = "## ";

    private final List<Entry> entries;
    private final Set<Entry> seen = new HashSet<>();

    private KnownDifferences(List<Entry> entries) {
        this.entries = entries;
    }

    static KnownDifferences read(Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        String heading = "";
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(HEADING)) {
                heading = line.substring(HEADING.length());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(Pattern.quote(SEPARATOR), 3);
                if (parts.length != 3) {
                    throw new AssertionError("not request | field | reason: " + line);
                }
                entries.add(new Entry(heading, line, pattern(parts[0]), pattern(parts[1]), List.of(parts)));
            }
        }
        return new KnownDifferences(entries);
    }

    private static Pattern pattern(String globs) {
        return Pattern.compile(Arrays.stream(globs.strip().split(", "))
                .map(glob ->
                        Arrays.stream(glob.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")))
                .collect(Collectors.joining("|")));
    }

    boolean explain(String request, String field) {
        boolean explained = false;
        for (Entry entry : entries) {
            if (entry.request().matcher(request).matches()
                    && entry.field().matcher(field).matches()) {
                seen.add(entry);
                explained = true;
            }
        }
        return explained;
    }

    /** Lines that explain nothing any more. */
    List<String> unused() {
        return entries.stream()
                .filter(entry -> !seen.contains(entry))
                .map(Entry::line)
                .toList();
    }

    /** As tables of Markdown, one below each heading. */
    String tables() {
        StringBuilder page = new StringBuilder();
        String heading = "";
        for (Entry entry : entries) {
            if (!entry.heading().equals(heading)) {
                heading = entry.heading();
                page.append("\n## ").append(heading).append("\n\n| request | field | why |\n|---|---|---|\n");
            }
            page.append("| `").append(entry.parts().get(0).strip()).append("` | `");
            page.append(entry.parts().get(1).strip())
                    .append("` | ")
                    .append(entry.parts().get(2).strip())
                    .append(" |\n");
        }
        return page.toString();
    }

    private record Entry(String heading, String line, Pattern request, Pattern field, List<String> parts) {}
}
