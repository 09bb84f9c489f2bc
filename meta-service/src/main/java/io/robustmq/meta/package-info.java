/**
 * Cluster metadata, replicated: {@link io.robustmq.meta.MetaService} is the entry and the port MetaLog. One thread, the meta
 * thread, owns all of it.
 *
 * <p><b>A command's way.</b> {@code submit} ⇒ meta thread: DecisionQueue decides all commands that wait, each on the image
 * plus the facts of those before it → one entry of facts ⇒ Ratis forces it to disk ⇒ meta thread: StateKeeper writes rows,
 * makes the next image, tells the listeners → the replies.
 *
 * <p><b>Facts are logged, not commands</b>, decided before the entry exists rather than by each replica when it
 * applies it. So placement, validation and ids can change between versions without replicas diverging, what is in the log
 * needs no interpretation, and rows are facts too: replaying the log and reading the rows are the same code. The price is
 * that a decision must see all earlier facts, while entries take time to commit. Hence one entry in flight; commands that
 * arrive meanwhile form the next, which is group commit as well. There is nothing to roll back: a batch is decided on an
 * image of its own and is dropped with it.
 *
 * <p>A leader that was deposed and came back could still append what it decided before. So an entry names the entry it was
 * decided on, and every replica drops it where that is no longer the newest; the commands are then decided again. With that
 * check a voter that does not lead decides too, on its own image, and appends at the leader: commands need no wire format.
 */
@NullMarked
package io.robustmq.meta;

import org.jspecify.annotations.NullMarked;
