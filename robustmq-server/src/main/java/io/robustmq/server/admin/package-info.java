/** Health, metrics and the read-only JSON API over HTTP. Each connection is owned by its event loop. Entry: AdminServer. */
@NullMarked
package io.robustmq.server.admin;

import org.jspecify.annotations.NullMarked;
