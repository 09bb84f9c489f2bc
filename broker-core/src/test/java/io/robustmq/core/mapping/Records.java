package io.robustmq.core.mapping;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Records as the log would give them back. */
final class Records {
    private Records() {}

    static <T> T read(byte @Nullable [] key, List<RecordHeader> headers, Function<RecordView, T> reader) {
        BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 256);
        ByteBuf value = Unpooled.wrappedBuffer(new byte[] {1, 2, 3});
        builder.append(1_000, key == null ? null : Unpooled.wrappedBuffer(key), value, headers);
        ByteBuf batch = builder.build();
        List<T> results = new ArrayList<>();
        RecordReader.forAll(batch, 1 << 20, (header, record) -> results.add(reader.apply(record)));
        batch.release();
        return results.get(0);
    }
}
