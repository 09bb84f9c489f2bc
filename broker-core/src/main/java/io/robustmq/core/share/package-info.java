/**
 * Share groups (KIP-932): a partition is read by many members at once, record by record, and each record is acknowledged
 * by itself. Pure but for {@link io.robustmq.core.share.ShareService}; entry:
 * {@link io.robustmq.core.share.ShareMachine}, which has the share partitions of one partition of
 * {@code __share_group_state}. Who is a member of a group is the business of {@code core.group}.
 */
@NullMarked
package io.robustmq.core.share;

import org.jspecify.annotations.NullMarked;
