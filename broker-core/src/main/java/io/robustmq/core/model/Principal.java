package io.robustmq.core.model;

/**
 * Who is asking. Kafka writes it {@code type:name}.
 *
 * @param host the address of the client, for rules that name one; empty when it does not matter
 */
public record Principal(String type, String name, String host) {
    public static final String USER = "User";
    public static final Principal ANONYMOUS = new Principal(USER, "ANONYMOUS");

    public Principal(String type, String name) {
        this(type, name, "");
    }

    public static Principal user(String name, String host) {
        return new Principal(USER, name, host);
    }

    /** Who it is, wherever from. */
    public boolean isSameAs(Principal other) {
        return type.equals(other.type) && name.equals(other.name);
    }

    @Override
    public String toString() {
        return type + ":" + name;
    }
}
