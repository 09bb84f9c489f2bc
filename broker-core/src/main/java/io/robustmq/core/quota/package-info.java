/**
 * What clients may use: limits per user, client id or address (KIP-13, 219, 257, 546, 599, 612), and the buckets that
 * measure against them. Pure but for the one atomic number of a {@link io.robustmq.core.quota.Bucket}, which many loops share.
 */
@NullMarked
package io.robustmq.core.quota;

import org.jspecify.annotations.NullMarked;
