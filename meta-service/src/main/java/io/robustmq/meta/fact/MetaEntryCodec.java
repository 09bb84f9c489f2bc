package io.robustmq.meta.fact;

import java.util.ArrayList;
import java.util.List;

/** Bytes of an entry: format, base, number of facts, facts. */
public final class MetaEntryCodec {
    /** Of entries and of the stored state. A version of the code that writes anything an older one cannot read raises it. */
    public static final int FORMAT = 1;

    private MetaEntryCodec() {}

    public static byte[] encode(MetaEntry entry) {
        FactWriter target = new FactWriter();
        target.oneByte(FORMAT).number(entry.base()).number(entry.facts().size());
        for (MetaFact fact : entry.facts()) {
            MetaFactCodec.write(fact, target);
        }
        return target.toByteArray();
    }

    /** What the facts take in an entry. */
    public static int sizeOf(List<MetaFact> facts) {
        FactWriter target = new FactWriter();
        for (MetaFact fact : facts) {
            MetaFactCodec.write(fact, target);
        }
        return target.size();
    }

    /** Throws IllegalArgumentException for bytes that are broken or come from a newer version. */
    public static MetaEntry decode(byte[] bytes) {
        FactReader source = new FactReader(bytes);
        int format = source.oneByte();
        if (format != FORMAT) {
            throw new IllegalArgumentException("entry of format " + format + ", this version reads " + FORMAT);
        }
        long base = source.number();
        int count = source.count();
        List<MetaFact> facts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            facts.add(MetaFactCodec.read(source));
        }
        source.expectEnd();
        return new MetaEntry(base, facts);
    }
}
