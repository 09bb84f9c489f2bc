/** Certificates and keys: read at start, and again when their files change. Entry: TlsContexts. */
@NullMarked
package io.robustmq.server.tls;

import org.jspecify.annotations.NullMarked;
