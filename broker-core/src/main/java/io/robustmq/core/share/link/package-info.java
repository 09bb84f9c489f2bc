/**
 * What groups share, between nodes: {@link io.robustmq.core.share.link.ShareLink} asks,
 * {@link io.robustmq.core.share.link.ShareLinkService} answers. Every request is answered within
 * {@link io.robustmq.core.share.link.ShareLinkService#ANSWER_MS_MAX}, whatever becomes of it.
 */
@NullMarked
package io.robustmq.core.share.link;

import org.jspecify.annotations.NullMarked;
