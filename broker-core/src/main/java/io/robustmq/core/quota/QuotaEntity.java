package io.robustmq.core.quota;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Whom a limit is for: a user, a client id, both, or an address. A part that is null is not named; an empty one stands for
 * all that have no limit of their own, the default.
 */
public record QuotaEntity(
        @Nullable String user,
        @Nullable String clientId,
        @Nullable String ip) {
    public static final String DEFAULT = "";

    private static final String USER = "user=";
    private static final String CLIENT_ID = "client-id=";
    private static final String IP = "ip=";

    public QuotaEntity {
        if ((user == null && clientId == null) == (ip == null)) {
            throw new IllegalArgumentException("neither of a client nor of an address, or of both");
        }
    }

    public static QuotaEntity client(@Nullable String user, @Nullable String clientId) {
        return new QuotaEntity(user, clientId, null);
    }

    public static QuotaEntity address(String ip) {
        return new QuotaEntity(null, null, ip);
    }

    /** One line of text; {@link #parse} reads it. */
    public String text() {
        StringBuilder text = new StringBuilder();
        append(text, USER, user);
        append(text, CLIENT_ID, clientId);
        append(text, IP, ip);
        return text.toString();
    }

    private static void append(StringBuilder text, String type, @Nullable String name) {
        if (name != null) {
            text.append(text.length() == 0 ? "" : "&")
                    .append(type)
                    .append(URLEncoder.encode(name, StandardCharsets.UTF_8));
        }
    }

    public static QuotaEntity parse(String text) {
        String user = null;
        String clientId = null;
        String ip = null;
        for (String part : text.split("&", -1)) {
            if (part.startsWith(USER)) {
                user = name(part, USER);
            } else if (part.startsWith(CLIENT_ID)) {
                clientId = name(part, CLIENT_ID);
            } else if (part.startsWith(IP)) {
                ip = name(part, IP);
            } else {
                throw new IllegalArgumentException("no quota entity: " + text);
            }
        }
        return new QuotaEntity(user, clientId, ip);
    }

    private static String name(String part, String type) {
        return URLDecoder.decode(part.substring(type.length()), StandardCharsets.UTF_8);
    }
}
