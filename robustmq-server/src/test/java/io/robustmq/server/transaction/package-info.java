/** Transactions across the modules: the machines of coordinator, partitions and groups on one seeded scheduler. */
@NullMarked
package io.robustmq.server.transaction;

import org.jspecify.annotations.NullMarked;
