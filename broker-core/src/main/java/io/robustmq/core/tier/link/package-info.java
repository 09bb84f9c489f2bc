/** How nodes reach each other's manifests. Entry: {@link io.robustmq.core.tier.link.TierLink}. */
@NullMarked
package io.robustmq.core.tier.link;

import org.jspecify.annotations.NullMarked;
