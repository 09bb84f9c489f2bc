package io.robustmq.kafka.server;

import io.robustmq.core.login.Login;
import io.robustmq.core.login.Logins;
import io.robustmq.core.login.SaslExchange;
import io.robustmq.core.model.Principal;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection, and how far it has come with saying so. Owned by the connection's loop.
 *
 * <pre>
 *   UNKNOWN ──handshake──▶ EXCHANGING ──proven──▶ KNOWN ──handshake──▶ EXCHANGING ──proven again──▶ KNOWN
 *                             └──not proven──▶ the connection ends          its session ran out ──▶ it ends
 * </pre>
 */
public final class ClientIdentity {
    /** Kafka's default of sasl.server.max.receive.size: who has not logged in sends no more at once. */
    static final int UNKNOWN_FRAME_BYTES_MAX = 512 * 1024;

    private final Logins logins;
    private final long reauthMsMax;
    private final String host;
    private Principal principal = Principal.ANONYMOUS;
    private boolean known;
    private boolean byLogin;
    private boolean byDelegation;
    private long expiresAtNanos = Long.MAX_VALUE;
    private @Nullable SaslExchange exchange;
    private String mechanism = "";
    private boolean raw;

    ClientIdentity(Logins logins, long reauthMsMax, String host) {
        this.logins = logins;
        this.reauthMsMax = reauthMsMax;
        this.host = host;
    }

    public Principal principal() {
        return principal;
    }

    /** The client's address, as rules name it. */
    public String host() {
        return host;
    }

    public boolean isKnown() {
        return known;
    }

    /** Known by an exchange, not by its certificate alone: then it stays who it is. */
    public boolean isLoggedIn() {
        return byLogin;
    }

    /** Known by a delegation token. */
    public boolean isByDelegation() {
        return byDelegation;
    }

    /** Whether the client may be served: it is known, or nobody has to be. */
    boolean isTrusted() {
        return known || !logins.required();
    }

    /** Null when no exchange is under way. */
    public @Nullable SaslExchange exchange() {
        return exchange;
    }

    /** Of the last exchange; empty before the first. */
    public String mechanism() {
        return mechanism;
    }

    /** {@code rawTokens}: what follows comes without Kafka's header, as very old clients send it. */
    public void begin(SaslExchange started, boolean rawTokens) {
        exchange = started;
        mechanism = started.mechanism();
        raw = rawTokens;
    }

    /** Nothing more can be proven by this exchange. */
    public void abandonExchange() {
        exchange = null;
        raw = false;
    }

    /** The client is known from now on. Returns how long, in milliseconds; 0 for as long as it is connected. */
    public long establish(Login login, long nowMs, long nowNanos) {
        abandonExchange();
        principal = login.principal();
        known = true;
        byLogin = true;
        byDelegation = login.byDelegation();
        long lifetimeMs =
                login.expiresAtMs() == Login.NEVER ? Long.MAX_VALUE : Math.max(1, login.expiresAtMs() - nowMs);
        if (reauthMsMax > 0) {
            lifetimeMs = Math.min(lifetimeMs, reauthMsMax);
        }
        expiresAtNanos =
                lifetimeMs == Long.MAX_VALUE ? Long.MAX_VALUE : nowNanos + TimeUnit.MILLISECONDS.toNanos(lifetimeMs);
        return lifetimeMs == Long.MAX_VALUE ? 0 : lifetimeMs;
    }

    /** Known by its certificate. */
    void establish(String name) {
        principal = Principal.user(name, host);
        known = true;
    }

    boolean expectsRawToken() {
        return raw && exchange != null;
    }

    /** Whether the API may be called now. Those that make a client known always may. */
    boolean mayCall(ApiKeys api, long nowNanos) {
        return switch (api) {
            case API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE -> true;
            default -> isTrusted() && (expiresAtNanos == Long.MAX_VALUE || nowNanos - expiresAtNanos < 0);
        };
    }
}
