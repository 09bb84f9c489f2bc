/**
 * The nodes of a cluster among themselves: frames over TCP on {@code journal.port}. Entry classes are
 * {@link io.robustmq.server.link.LinkServer}, which is asked, and {@link io.robustmq.server.link.LinkClient}, which asks.
 *
 * <pre>
 *   frame     length int32 (of what follows) · version byte · kind byte · number int64 · body
 *   server →  CHALLENGE: random bytes
 *   client →  HELLO: cluster id, node id, HMAC-SHA256 over both and the challenge, keyed by journal.secret
 *   client →  one of the calls; server → ANSWER with the call's number, in any order
 * </pre>
 */
@NullMarked
package io.robustmq.server.link;

import org.jspecify.annotations.NullMarked;
