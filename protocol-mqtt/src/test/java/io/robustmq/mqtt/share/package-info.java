@NullMarked
package io.robustmq.mqtt.share;

import org.jspecify.annotations.NullMarked;
