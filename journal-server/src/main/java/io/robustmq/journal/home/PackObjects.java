package io.robustmq.journal.home;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.journal.tier.WholeObjects;
import java.io.IOException;
import java.util.function.Supplier;

/** Stores each pack as an object. Any thread. */
final class PackObjects implements PackPlace {
    private final WholeObjects objects;
    private final Supplier<PackName> names;
    private final Supplier<String> prefix;

    /**
     * @param names each is given once
     * @param prefix of the cluster's objects
     */
    PackObjects(WholeObjects objects, Supplier<PackName> names, Supplier<String> prefix) {
        this.objects = objects;
        this.names = names;
        this.prefix = prefix;
    }

    @Override
    public void put(Pack pack, byte[] content) throws IOException {
        PackName name = names.get();
        pack.goesInto(name);
        pack.isAt(0);
        CrashPoint.PACK_BEFORE_PUT.reached();
        objects.create(name.object(prefix.get()), content);
        CrashPoint.PACK_STORED.reached();
    }

    @Override
    public void tidy() {}

    @Override
    public void stop() {}

    @Override
    public int open() {
        return 0;
    }
}
