@NullMarked
package io.robustmq.mqtt.limits;

import org.jspecify.annotations.NullMarked;
