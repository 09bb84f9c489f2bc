/** What the messages between nodes are made of. Entry class is {@link io.robustmq.core.link.LinkFields}; stateless. */
@NullMarked
package io.robustmq.core.link;

import org.jspecify.annotations.NullMarked;
