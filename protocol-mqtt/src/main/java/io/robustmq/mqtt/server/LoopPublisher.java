package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.mapping.LogAddress;
import io.robustmq.core.mapping.MqttRecords;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.retained.RetainedCodec;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.deliver.LeaderEnds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is published on one event loop: what arrives in one turn becomes one batch per partition, and one append.
 * Owned by that loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the outcome comes through the callback
final class LoopPublisher {
    /** Names the publishing client in a record; see the deliver package. */
    static final String PUBLISHER = "mqtt.client";
    /** Beside it in QoS 2 messages of persistent sessions. */
    private static final String PACKET_ID = "mqtt.packet-id";

    private static final int RETAINED_PARTITIONS = 4;
    private static final int PLACES_MAX = 16_384;
    private static final int BATCH_BYTES = 1 << 18;
    private static final int RECORD_OVERHEAD_BYTES = 64;
    private static final AppendOptions FIRE_AND_FORGET =
            new AppendOptions(Acks.LEADER, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 30_000);

    private static final int CREATE_AGAIN_MS = 200;

    private final Loop loop;
    private final Journal journal;
    private final MetaLog metaLog;
    private final TopicMapping mapping;
    private final ByteBufAllocator allocator;
    private final MqttConfig config;
    private final RetainedIndex retained;
    private final MqttMetrics metrics;
    private final LeaderEnds ends;

    private final Map<String, Place> places = new HashMap<>();
    private final Map<Partition, OpenBatch> open = new LinkedHashMap<>();
    private final Set<MqttChannel> paused = new LinkedHashSet<>();
    private MetaImage placesImage = MetaImage.EMPTY;
    private boolean flushScheduled;
    private long pendingBytes;

    LoopPublisher(
            Loop loop,
            Journal journal,
            MetaLog metaLog,
            TopicMapping mapping,
            ByteBufAllocator allocator,
            MqttConfig config,
            RetainedIndex retained,
            MqttMetrics metrics) {
        this.loop = loop;
        this.journal = journal;
        this.metaLog = metaLog;
        this.mapping = mapping;
        this.allocator = allocator;
        this.config = config;
        this.retained = retained;
        this.metrics = metrics;
        this.ends = new LeaderEnds(journal, loop, partition -> metaLog.image().partition(partition) == null);
    }

    /** Where messages of an MQTT topic go. */
    record Place(
            LogAddress address,
            Partition partition,
            @Nullable ByteBuf key) {}

    /** Null while the log topic does not exist: {@link #create} it. */
    @SuppressWarnings("ReferenceEquality") // every change makes another image
    @Nullable
    Place place(String mqttTopic) {
        MetaImage image = metaLog.image();
        if (image != placesImage) {
            places.clear();
            placesImage = image;
        }
        Place place = places.get(mqttTopic);
        if (place == null) {
            LogAddress address = mapping.toLog(mqttTopic);
            TopicImage topic = image.topic(address.topic());
            if (topic == null) {
                return null;
            }
            if (places.size() >= PLACES_MAX) {
                places.clear();
            }
            byte[] key = address.key();
            place = new Place(
                    address,
                    topic.partition(address.partition(topic.partitions().size())),
                    key == null ? null : Unpooled.wrappedBuffer(key));
            places.put(mqttTopic, place);
        }
        return place;
    }

    /** Which log topic messages of an MQTT topic go to, whether or not it exists. */
    String logTopic(String mqttTopic) {
        return mapping.toLog(mqttTopic).topic();
    }

    /** The topic that keeps retained messages; null while it does not exist: {@link #createRetained} it. */
    @Nullable
    TopicImage retainedTopic() {
        return metaLog.image().topic(TopicName.MQTT_RETAINED);
    }

    /** Null while it does not exist. */
    @Nullable
    TopicImage delayedTopic() {
        return metaLog.image().topic(TopicName.MQTT_DELAYED);
    }

    void createRetained(Consumer<BrokerError> done) {
        submit(
                new MetaCommand.CreateTopic(
                        TopicName.MQTT_RETAINED,
                        RETAINED_PARTITIONS,
                        -1,
                        List.of(),
                        Map.of("cleanup.policy", "compact", "segment.bytes", "104857600"),
                        -1,
                        false),
                done);
    }

    /**
     * Borrows {@code payload}; empty deletes the topic's message [MQTT-3.3.1-6]. So does one that finds no room, as the former is
     * outdated; in the log it would come up at some later start.
     */
    void retain(
            TopicImage topic,
            String mqttTopic,
            ByteBuf payload,
            PublishProperties properties,
            @Nullable Appending ack) {
        Partition partition = topic.partition(
                RetainedCodec.partition(mqttTopic, topic.partitions().size()));
        ByteBuf key = Unpooled.wrappedBuffer(mqttTopic.getBytes(StandardCharsets.UTF_8));
        boolean deletes = !payload.isReadable();
        if (!deletes && !retained.hasRoom(mqttTopic, payload.readableBytes(), properties)) {
            metrics.notRetained();
            deletes = true;
        }
        append(partition, key, deletes ? null : payload, deletes ? List.of() : MqttRecords.toHeaders(properties), ack);
    }

    /** Creates the log topic of an MQTT topic; {@code done} runs in this loop with the outcome. */
    void create(String mqttTopic, Consumer<BrokerError> done) {
        String topic = mapping.toLog(mqttTopic).topic();
        boolean bounded = !mapping.holdsOtherTrees(topic);
        MetaCommand command = new MetaCommand.CreateTopic(
                topic, -1, -1, List.of(), Map.of(), bounded ? config.autoTopicsMax() : -1, false);
        submit(command, done);
    }

    private void submit(MetaCommand command, Consumer<BrokerError> done) {
        submit(command, loop.nanoTime() + TimeUnit.MILLISECONDS.toNanos(AppendOptions.DURABLE.timeoutMs()), done);
    }

    /** Tried again until then while the metadata has no leader: publishers do not try again, they have failed. */
    private void submit(MetaCommand command, long untilNs, Consumer<BrokerError> done) {
        metaLog.submit(command)
                .whenComplete((reply, failure) -> loop.execute(() -> {
                    if (failure != null && loop.nanoTime() - untilNs < 0) {
                        loop.schedule(CREATE_AGAIN_MS, () -> submit(command, untilNs, done));
                        return;
                    }
                    BrokerError error = failure != null
                            ? BrokerError.COORDINATOR_NOT_AVAILABLE
                            : reply instanceof MetaReply.Refused refused ? refused.error() : BrokerError.NONE;
                    done.accept(error == BrokerError.TOPIC_ALREADY_EXISTS ? BrokerError.NONE : error);
                }));
    }

    /**
     * Borrows {@code payload}; the record goes out at the end of this turn.
     *
     * @param publisher the client's name when the record must carry it
     * @param ack owed once the record is durable; null when nobody waits
     */
    void publish(
            Place place,
            String mqttTopic,
            ByteBuf payload,
            PublishProperties properties,
            @Nullable String publisher,
            @Nullable Appending ack) {
        List<RecordHeader> headers =
                MqttRecords.toHeaders(properties, place.address().carriesTopicHeader() ? mqttTopic : null);
        if (publisher != null) {
            headers = new ArrayList<>(headers);
            headers.add(RecordHeader.of(PUBLISHER, publisher));
            if (ack != null && ack.announcedId() != Appending.NONE) {
                headers.add(RecordHeader.of(PACKET_ID, Integer.toString(ack.announcedId())));
            }
        }
        if (ack != null) {
            ack.goesTo(place.partition());
        }
        append(place.partition(), place.key(), payload, headers, ack);
    }

    /** Borrows key and value. */
    void append(
            Partition partition,
            @Nullable ByteBuf key,
            @Nullable ByteBuf value,
            List<RecordHeader> headers,
            @Nullable Appending ack) {
        int bytes = value == null ? 0 : value.readableBytes();
        OpenBatch batch = open.get(partition);
        if (batch != null && batch.builder.sizeInBytes() + bytes + RECORD_OVERHEAD_BYTES > BATCH_BYTES) {
            open.remove(partition);
            send(partition, batch);
            batch = null;
        }
        if (batch == null) {
            batch = new OpenBatch(new BatchBuilder(allocator, Math.max(512, bytes + 256)));
            open.put(partition, batch);
        }
        batch.builder.append(loop.nowMs(), key, value, headers);
        if (ack != null) {
            ack.appending(partition, batch.builder.count() - 1);
            batch.acks.add(ack);
        }
        if (!flushScheduled) {
            flushScheduled = true;
            loop.execute(this::flush);
        }
    }

    /**
     * Tells where the next record of the partition will be, at the earliest, and behind all that was acknowledged before, which
     * only its leader knows; -1 when that could not be found out in time.
     */
    void endOf(Partition partition, LongConsumer done) {
        PartitionState led = ends.ledHere(partition);
        if (led != null) {
            done.accept(led.logEndOffset());
            return;
        }
        Cancellable[] asking = {Cancellable.NOTHING};
        Cancellable patience = loop.schedule(AppendOptions.DURABLE.timeoutMs(), () -> {
            asking[0].cancel();
            done.accept(-1);
        });
        asking[0] = ends.ask(Set.of(partition), PartitionState::leader, told -> {
            patience.cancel();
            PartitionState state = told.get(partition);
            done.accept(state == null ? 0 : state.highWatermark());
        });
    }

    /** So many bytes wait to be published; negative when they no longer do. */
    void pending(int bytes) {
        pendingBytes += bytes;
        resumePaused();
    }

    /** Whether publishers have to wait for the log. */
    boolean isFull() {
        return pendingBytes > config.publishPendingBytesMax();
    }

    /** The channel is read again when the log has caught up. */
    void pause(MqttChannel channel) {
        paused.add(channel);
    }

    void forget(MqttChannel channel) {
        paused.remove(channel);
    }

    private void flush() {
        flushScheduled = false;
        for (Map.Entry<Partition, OpenBatch> entry : open.entrySet()) {
            send(entry.getKey(), entry.getValue());
        }
        open.clear();
    }

    private void send(Partition partition, OpenBatch batch) {
        int bytes = batch.builder.sizeInBytes();
        pendingBytes += bytes;
        AppendOptions options = batch.acks.isEmpty() ? FIRE_AND_FORGET : AppendOptions.DURABLE;
        journal.append(
                partition,
                batch.builder.build(),
                options,
                loop,
                result -> answered(partition, batch.acks, bytes, result));
    }

    private void answered(Partition partition, List<Appending> acks, int bytes, AppendResult result) {
        pendingBytes -= bytes;
        ArrayDeque<Appending.Owner> touched = new ArrayDeque<>();
        for (Appending ack : acks) {
            ack.appended(partition, result.baseOffset(), result.error());
            if (touched.peekLast() != ack.owner()) {
                touched.add(ack.owner());
            }
        }
        for (Appending.Owner owner : touched) {
            owner.acksAdvanced();
        }
        resumePaused();
    }

    private void resumePaused() {
        if (!paused.isEmpty() && pendingBytes <= config.publishPendingBytesMax() / 2) {
            List<MqttChannel> resumed = List.copyOf(paused);
            paused.clear();
            resumed.forEach(channel -> channel.intake().resume(Intake.Pause.LOG));
        }
    }

    /** A batch of this turn. */
    private static final class OpenBatch {
        final BatchBuilder builder;
        final List<Appending> acks = new ArrayList<>(0);

        OpenBatch(BatchBuilder builder) {
            this.builder = builder;
        }
    }
}
