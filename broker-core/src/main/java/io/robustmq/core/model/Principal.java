package io.robustmq.core.model;

/** Who is asking. Kafka writes it {@code type:name}. */
public record Principal(String type, String name) {
    public static final Principal ANONYMOUS = new Principal("User", "ANONYMOUS");

    @Override
    public String toString() {
        return type + ":" + name;
    }
}
