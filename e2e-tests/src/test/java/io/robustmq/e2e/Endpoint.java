package io.robustmq.e2e;

/** A port of the broker, by the key that sets it and the name under which the broker reports it. */
public enum Endpoint {
    KAFKA("kafka.port", "kafka"),
    MQTT("mqtt.port", "mqtt"),
    MQTT_WS("mqtt.ws.port", "mqtt-ws"),
    ADMIN("admin.port", "admin"),
    META("meta.port", "meta"),
    JOURNAL("journal.port", "journal");

    final String key;
    final String reportedAs;

    Endpoint(String key, String reportedAs) {
        this.key = key;
        this.reportedAs = reportedAs;
    }
}
