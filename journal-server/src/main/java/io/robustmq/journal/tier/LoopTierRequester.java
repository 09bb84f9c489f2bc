package io.robustmq.journal.tier;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;
import java.util.function.Consumer;

/**
 * Who hears of the manifest in a shard's loop.
 *
 * @param loop runs a task there, unless it is of no interest any more
 */
public record LoopTierRequester(Consumer<Runnable> loop, Consumer<TierManifest> answered, Consumer<BrokerError> refused)
        implements TierRequester {
    @Override
    public void answer(TierManifest manifest) {
        loop.accept(() -> answered.accept(manifest));
    }

    @Override
    public void refuse(BrokerError error) {
        loop.accept(() -> refused.accept(error));
    }
}
