package io.robustmq.mqtt.trace;

/** Where lines of traces go. Any thread; never waits: a line that finds no room is left out and counted. */
@FunctionalInterface
public interface TraceSink {
    void write(String trace, String line);
}
