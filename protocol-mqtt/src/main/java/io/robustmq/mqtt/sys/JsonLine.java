package io.robustmq.mqtt.sys;

import java.nio.charset.StandardCharsets;

/** One flat JSON object, built field by field. Used by one thread, once. */
public final class JsonLine {
    private final StringBuilder out = new StringBuilder(128).append('{');

    public JsonLine put(String name, String value) {
        name(name);
        text(value);
        return this;
    }

    public JsonLine put(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    public JsonLine put(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    public byte[] toBytes() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return out + "}";
    }

    private void name(String name) {
        if (out.length() > 1) {
            out.append(',');
        }
        text(name);
        out.append(':');
    }

    private void text(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
