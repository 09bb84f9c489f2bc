/** Which test holds the server to which normative statement of the standard. Entry: ConformanceTest. */
@NullMarked
package io.robustmq.mqtt.conformance;

import org.jspecify.annotations.NullMarked;
