/** The ports in memory, as small as the tests of this module allow. Thread-safe. Entry: MemoryBroker. */
@NullMarked
package io.robustmq.kafka.memory;

import org.jspecify.annotations.NullMarked;
