/** Real clients against a server over in-memory products of the ports. */
@NullMarked
package io.robustmq.mqtt.server;

import org.jspecify.annotations.NullMarked;
