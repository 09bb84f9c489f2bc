package io.robustmq.core.port;

import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/** Makes the server's end of TLS connections, by the newest certificate. Thread-safe. */
public interface TlsEngines {
    SSLEngine newEngine();

    /** The user that the client's certificate names; empty when it sent none. */
    Optional<String> peerName(SSLSession session);
}
