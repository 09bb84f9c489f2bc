package io.robustmq.server.trace;

import io.robustmq.mqtt.trace.TraceSink;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file for each trace, {@code NAME.log} in one directory, written by a thread of its own that starts with the first line. A
 * file does not grow beyond its limit. Thread-safe.
 */
public final class TraceFiles implements TraceSink, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TraceFiles.class);
    private static final int QUEUED_MAX = 10_000;
    private static final int FILES_MAX = 32;
    private static final Line END = new Line("", "");

    private final Path directory;
    private final long bytesMax;
    private final BlockingQueue<Line> queue = new ArrayBlockingQueue<>(QUEUED_MAX);
    private final AtomicLong lost = new AtomicLong();
    private final Map<String, Open> open = new HashMap<>();
    private @Nullable Thread writer;

    private record Line(String trace, String text) {}

    /** A file that is being written. Owned by the writing thread. */
    private static final class Open {
        final BufferedWriter out;
        long bytes;

        Open(BufferedWriter out, long bytes) {
            this.out = out;
            this.bytes = bytes;
        }
    }

    public TraceFiles(Path directory, long bytesMax) {
        this.directory = directory;
        this.bytesMax = bytesMax;
    }

    @Override
    public void write(String trace, String line) {
        startOnce();
        if (!queue.offer(new Line(trace, line))) {
            lost.incrementAndGet();
        }
    }

    private synchronized void startOnce() {
        if (writer == null) {
            writer = new Thread(this::run, "trace");
            writer.setDaemon(true);
            writer.start();
        }
    }

    private void run() {
        try {
            for (Line line = queue.take(); !line.trace.isEmpty(); line = queue.take()) {
                append(line);
                if (queue.isEmpty()) {
                    flush();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeAll();
        }
    }

    private void append(Line line) {
        try {
            Open file = open.get(line.trace);
            if (file == null) {
                file = open(line.trace);
            }
            long missed = lost.getAndSet(0);
            String text = missed == 0 ? line.text : line.text + " (" + missed + " lines before it were left out)";
            file.bytes += text.length() + 1L;
            if (file.bytes <= bytesMax) {
                file.out.write(text);
                file.out.write('\n');
            }
        } catch (IOException e) {
            log.warn("trace={} cannot be written: {}", line.trace, e.toString());
        }
    }

    private Open open(String trace) throws IOException {
        if (open.size() >= FILES_MAX) {
            closeAll();
        }
        Files.createDirectories(directory);
        Path path = directory.resolve(trace + ".log");
        BufferedWriter out = Files.newBufferedWriter(
                path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Open file = new Open(out, Files.size(path));
        open.put(trace, file);
        return file;
    }

    private void flush() {
        for (Map.Entry<String, Open> entry : open.entrySet()) {
            try {
                entry.getValue().out.flush();
            } catch (IOException e) {
                log.warn("trace={} cannot be written: {}", entry.getKey(), e.toString());
            }
        }
    }

    private void closeAll() {
        for (Map.Entry<String, Open> entry : open.entrySet()) {
            try {
                entry.getValue().out.close();
            } catch (IOException e) {
                log.warn("trace={} cannot be closed: {}", entry.getKey(), e.toString());
            }
        }
        open.clear();
    }

    /** What was written before is in the files when this returns. */
    @Override
    public synchronized void close() {
        if (writer == null) {
            return;
        }
        try {
            queue.put(END);
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
