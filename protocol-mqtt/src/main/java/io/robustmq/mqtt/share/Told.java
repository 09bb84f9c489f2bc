package io.robustmq.mqtt.share;

import java.util.List;

/**
 * Words of one home under one stamp.
 *
 * @param node the home
 * @param number from 0, without a gap
 */
public record Told(Stamp stamp, int node, long number, List<Word> words) {
    public Told {
        words = List.copyOf(words);
    }
}
