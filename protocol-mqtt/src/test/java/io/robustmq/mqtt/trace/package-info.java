@NullMarked
package io.robustmq.mqtt.trace;

import org.jspecify.annotations.NullMarked;
