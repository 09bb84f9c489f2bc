@NullMarked
package io.robustmq.core.share.link;

import org.jspecify.annotations.NullMarked;
