package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Journal;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.mqtt.deliver.ReceiptCheck.Receipt;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Messages that were about to be appended, and of which nobody knows whether they were: looked for partition by partition, so that none
 * waits for one that cannot be read now; what comes while its partition is looked through goes with the next time. Owned by the router's loop.
 */
final class Doubts {
    private final Journal journal;
    private final Loop loop;
    private final Map<Partition, Map<Receipt, Doubt>> open = new HashMap<>();
    private final Set<Partition> busy = new HashSet<>();

    Doubts(Journal journal, Loop loop) {
        this.journal = journal;
        this.loop = loop;
    }

    /** Is told whether the log has it. */
    interface Outcome {
        void decided(boolean isInLog);
    }

    private record Doubt(StoredReceipt stored, Outcome outcome) {}

    /** Before {@link #lookUp}. */
    void add(String clientId, StoredReceipt stored, Outcome outcome) {
        // One of the same name is about an earlier message, which nobody asks for any more.
        open.computeIfAbsent(stored.partition(), p -> new HashMap<>())
                .put(new Receipt(clientId, stored.packetId()), new Doubt(stored, outcome));
    }

    void lookUp() {
        List.copyOf(open.keySet()).forEach(this::lookUp);
    }

    private void lookUp(Partition partition) {
        Map<Receipt, Doubt> doubts = busy.contains(partition) ? null : open.remove(partition);
        if (doubts == null) {
            return;
        }
        busy.add(partition);
        Map<Receipt, StoredReceipt> wanted = new HashMap<>();
        doubts.forEach((receipt, doubt) -> wanted.put(receipt, doubt.stored));
        ReceiptCheck.start(wanted, journal, loop, found -> {
            busy.remove(partition);
            doubts.forEach((receipt, doubt) -> doubt.outcome.decided(found.contains(receipt)));
            lookUp(partition);
        });
    }
}
