package io.robustmq.meta.raft;

/** A member of the meta service: node {@code id}, reached by the others at {@code host:port}. */
public record Voter(int id, String host, int port) {
    /** Reads {@code 1@host:1228}; anything else is an IllegalArgumentException. */
    public static Voter parse(String text) {
        int at = text.indexOf('@');
        int colon = text.lastIndexOf(':');
        try {
            if (at > 0 && colon > at + 1) {
                return new Voter(
                        Integer.parseInt(text.substring(0, at)),
                        text.substring(at + 1, colon),
                        Integer.parseInt(text.substring(colon + 1)));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("voter " + text + ": must be id@host:port", e);
        }
        throw new IllegalArgumentException("voter " + text + ": must be id@host:port");
    }

    String toText() {
        return id + "@" + address();
    }

    String address() {
        return host + ":" + port;
    }
}
