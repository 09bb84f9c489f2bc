package io.robustmq.core.port;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import java.util.concurrent.CompletableFuture;

/** The one place where cluster metadata changes. Thread-safe. */
public interface MetaLog {
    /** The newest image this node has applied; never null, empty before the first. */
    MetaImage image();

    /**
     * Decides and logs. Completes when {@link #image} includes the outcome and the listeners have seen it; in the meta
     * service's thread, so continue in your own loop. Refusals are replies, not exceptions; the future fails only with a
     * BrokerException when the meta service cannot be reached in time.
     */
    CompletableFuture<MetaReply> submit(MetaCommand command);

    /** Called with every later change, in order; first, before this returns, with a delta from nothing to the current image. */
    Cancellable subscribe(MetaListener listener);
}
