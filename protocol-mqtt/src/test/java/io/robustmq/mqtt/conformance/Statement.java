package io.robustmq.mqtt.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The normative statements that a test holds the server to, by their numbers, as in {@code MQTT-3.3.4-6}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Statement {
    /** Of MQTT 5. */
    String[] value() default {};

    /** Of MQTT 3.1.1. */
    String[] v3() default {};
}
