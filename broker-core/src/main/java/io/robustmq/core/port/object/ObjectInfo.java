package io.robustmq.core.port.object;

/** A sealed object. */
public record ObjectInfo(String name, long sizeInBytes) {}
