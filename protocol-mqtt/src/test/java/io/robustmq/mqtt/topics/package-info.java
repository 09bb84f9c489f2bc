@NullMarked
package io.robustmq.mqtt.topics;

import org.jspecify.annotations.NullMarked;
