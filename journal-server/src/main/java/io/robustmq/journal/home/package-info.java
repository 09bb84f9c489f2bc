/**
 * Topics whose records live in the object store ({@code storage=s3|hdfs}): appends of many partitions share an object, a pack, and
 * the partitions' logs hold where in it. Entry: {@link io.robustmq.journal.home.NodeHome}.
 */
@NullMarked
package io.robustmq.journal.home;

import org.jspecify.annotations.NullMarked;
