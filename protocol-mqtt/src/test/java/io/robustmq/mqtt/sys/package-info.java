@NullMarked
package io.robustmq.mqtt.sys;

import org.jspecify.annotations.NullMarked;
