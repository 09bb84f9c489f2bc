package io.robustmq.core.mapping;

/** A name and value of MQTT 5 that the broker passes on unread. */
public record UserProperty(String name, String value) {}
