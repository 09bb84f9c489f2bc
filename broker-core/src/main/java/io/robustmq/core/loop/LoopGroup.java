package io.robustmq.core.loop;

import java.util.List;

/** The loops of a process. Which thread a loop is, and whether connections and shards share them, is the wiring's decision. */
public interface LoopGroup {
    List<Loop> loops();

    /** The same loop for the same key, as long as the process lives. */
    default Loop loopFor(Object key) {
        List<Loop> loops = loops();
        int hash = key.hashCode();
        return loops.get(Math.floorMod(hash ^ (hash >>> 16), loops.size()));
    }
}
