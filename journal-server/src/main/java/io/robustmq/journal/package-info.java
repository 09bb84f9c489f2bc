/**
 * Shard logs behind the port {@code Journal}. Entry: {@link io.robustmq.journal.JournalService}. A shard is owned by the
 * loop of its partition; readers in other threads see it through an immutable view.
 */
@NullMarked
package io.robustmq.journal;

import org.jspecify.annotations.NullMarked;
