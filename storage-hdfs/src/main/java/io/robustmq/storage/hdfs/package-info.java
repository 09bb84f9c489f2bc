/**
 * Objects as files in HDFS. A plug-in: the server finds it in a directory of its own and loads it by a class loader of its
 * own. Entry: {@link io.robustmq.storage.hdfs.HdfsProvider}. Called from workers' threads, which it blocks.
 */
@NullMarked
package io.robustmq.storage.hdfs;

import org.jspecify.annotations.NullMarked;
