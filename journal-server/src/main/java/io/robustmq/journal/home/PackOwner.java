package io.robustmq.journal.home;

import io.robustmq.core.model.Partition;
import java.util.List;

/** A partition whose appends are packed. */
public interface PackOwner {
    Partition partition();

    /** The appends of one pack are stored, or could not be; in a thread of the packer, which is not to be held up. */
    void packed(List<PackEntry> entries);
}
