package io.robustmq.mqtt.deliver;

/** The connection of a live session, as delivery sees it. Called in the connection's loop. */
public interface Connection {
    /** Another connection with the same client id takes the session over: say so and close. */
    void takenOver();

    /** Another node has the session by now: say so and close. */
    void moved();

    /** An operator wants it to end. */
    void kicked();

    /** What operators are told of it. */
    SessionInfo.Link link();
}
