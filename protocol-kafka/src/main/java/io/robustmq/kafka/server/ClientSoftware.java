package io.robustmq.kafka.server;

/** The library that a client is made with, as it says itself; empty when it does not. */
public record ClientSoftware(String name, String version) {
    static final ClientSoftware UNKNOWN = new ClientSoftware("", "");
}
