/** Delivery in a simulated world. Entry: DeliverySimulationTest. */
@NullMarked
package io.robustmq.mqtt.deliver;

import org.jspecify.annotations.NullMarked;
