/**
 * Objects as files below a directory, on a disk or on a file system that nodes share (NFS). Entry:
 * {@link io.robustmq.storage.directory.DirectoryObjectStore}. Called from many threads and processes.
 */
@NullMarked
package io.robustmq.storage.directory;

import org.jspecify.annotations.NullMarked;
