/**
 * Asks this broker and Apache Kafka's own the same questions and compares the answers field by field. Entry:
 * {@link io.robustmq.e2e.oracle.OracleIT}; single-threaded.
 */
@NullMarked
package io.robustmq.e2e.oracle;

import org.jspecify.annotations.NullMarked;
