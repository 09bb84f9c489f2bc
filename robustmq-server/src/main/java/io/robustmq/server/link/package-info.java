/**
 * The nodes of a cluster among themselves: frames over TCP on {@code journal.port}. Entry classes are
 * {@link io.robustmq.server.link.LinkServer}, which is asked, and {@link io.robustmq.server.link.LinkClient}, which asks.
 *
 * <pre>
 *   frame     length int32 (of what follows) · version byte · kind byte · number int64 · body
 *   server →  CHALLENGE: random bytes, the oldest and the newest version that it speaks; a frame of the oldest
 *   client →  HELLO: cluster id, node id, HMAC-SHA256 over both and the challenge, keyed by journal.secret; a frame of the newest
 *             version that both speak, as all that follow are
 *             A node that does not know its cluster's id yet says none, and is told; from version 2 on.
 *   client →  one of the calls; server → ANSWER with the call's number, in any order
 * </pre>
 *
 * With certificates of the cluster all of this is inside TLS, where both ends have shown theirs.
 */
@NullMarked
package io.robustmq.server.link;

import org.jspecify.annotations.NullMarked;
