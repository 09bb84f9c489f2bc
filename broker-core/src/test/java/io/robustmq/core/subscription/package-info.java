/** Tests of topic names, filters and the trie. */
@NullMarked
package io.robustmq.core.subscription;

import org.jspecify.annotations.NullMarked;
