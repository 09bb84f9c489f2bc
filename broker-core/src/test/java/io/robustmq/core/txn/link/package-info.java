@NullMarked
package io.robustmq.core.txn.link;

import org.jspecify.annotations.NullMarked;
