/**
 * Reading in share groups: sessions, fetching with acquisition, acknowledgements. A session belongs to the loop of the
 * connection that opened it. Entry: {@link io.robustmq.kafka.share.ShareApis}. Members of share groups, and what
 * administrators ask, are in {@code kafka.group}.
 */
@NullMarked
package io.robustmq.kafka.share;

import org.jspecify.annotations.NullMarked;
