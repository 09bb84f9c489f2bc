/**
 * A cluster of real processes is ill treated while clients work, and a checker decides over what they were told. Entries:
 * {@link io.robustmq.e2e.nemesis.NemesisIT}, which starts {@link io.robustmq.e2e.nemesis.NemesisRun} in namespaces of its own, so that links between
 * nodes can be cut and disks filled without a trace on the machine.
 */
@NullMarked
package io.robustmq.e2e.nemesis;

import org.jspecify.annotations.NullMarked;
