package io.robustmq.mqtt.share;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node, as others see it that share subscriptions with it. Answers come in the asker's loop. */
public interface ShareNode {
    /** Of a home: all it knows; null when it does not answer, or another deals by now. */
    void report(Stamp stamp, Consumer<@Nullable Report> reply);

    /** To a home; false when it may not have arrived. */
    void deal(Deal deal, Consumer<Boolean> arrived);

    /** To the node that deals; {@code round} is its last that the home knows. */
    void claim(SeatState seat, long round, Consumer<Claimed> reply);

    /** To the node that deals; false when it may not have arrived. */
    void tell(Told told, Consumer<Boolean> arrived);
}
