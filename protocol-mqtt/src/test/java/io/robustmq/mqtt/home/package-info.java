@NullMarked
package io.robustmq.mqtt.home;

import org.jspecify.annotations.NullMarked;
