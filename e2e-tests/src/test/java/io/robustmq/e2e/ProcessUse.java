package io.robustmq.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a broker's process uses, as Linux counts it; nothing elsewhere. For reports, never for assertions on time. */
record ProcessUse(long residentMb, double cpuSeconds) {
    private static final double TICKS_PER_SECOND = 100;
    private static final long KB_PER_MB = 1024;
    private static final int USER_TICKS = 11;

    static ProcessUse of(BrokerProcess broker) {
        Path proc = Path.of("/proc", Long.toString(broker.pid()));
        if (!Files.exists(proc)) {
            return new ProcessUse(0, 0);
        }
        try {
            long resident = Files.readAllLines(proc.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                    .sum();
            String stat = Files.readString(proc.resolve("stat"));
            List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
            double ticks = Double.parseDouble(fields.get(USER_TICKS)) + Double.parseDouble(fields.get(USER_TICKS + 1));
            return new ProcessUse(resident / KB_PER_MB, ticks / TICKS_PER_SECOND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
