/**
 * Holds clients to their quotas: measures after the fact, tells the client how long it is over, and reads nothing more of its
 * connection for that long (KIP-219). Entry: ClientQuotas, shared by all loops; a ConnectionQuota belongs to its connection's.
 */
@NullMarked
package io.robustmq.kafka.quota;

import org.jspecify.annotations.NullMarked;
