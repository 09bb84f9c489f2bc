package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.Journal;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads an internal topic of one partition from its start on, and goes on with what comes. Owned by its loop. */
public final class TopicReader implements MetaListener {
    private static final int BATCH_BYTES_MAX = 64 << 20;

    private final String name;
    private final Journal journal;
    private final Loop loop;
    private final Consumer<RecordView> reader;
    private @Nullable Tail tail;

    /** @param reader gets each record, in the loop */
    public TopicReader(String name, Journal journal, Loop loop, Consumer<RecordView> reader) {
        this.name = name;
        this.journal = journal;
        this.loop = loop;
        this.reader = reader;
    }

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        TopicImage topic = image.topic(name);
        if (topic != null) {
            loop.execute(() -> open(topic));
        }
    }

    private void open(TopicImage topic) {
        if (tail == null) {
            tail = new Tail(new PartitionLog(topic.partition(0), name), 0, journal, loop, this::read);
            tail.run();
        }
    }

    /** Takes {@code bytes}. */
    private void read(Tail from, ByteBuf bytes) {
        try {
            RecordReader.forAll(bytes, BATCH_BYTES_MAX, (batch, record) -> {
                if (record.offset() >= from.position()) {
                    reader.accept(record);
                }
            });
        } finally {
            bytes.release();
        }
    }
}
