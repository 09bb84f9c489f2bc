/**
 * Transactions between nodes: {@link io.robustmq.core.txn.link.TxnLink} asks, {@link io.robustmq.core.txn.link.TxnLinkService}
 * answers. Every request is answered within {@link io.robustmq.core.txn.link.TxnLinkService#ANSWER_MS_MAX}, whatever becomes of it.
 */
@NullMarked
package io.robustmq.core.txn.link;

import org.jspecify.annotations.NullMarked;
