package io.robustmq.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.home.sweep.PackAudit;
import io.robustmq.journal.home.sweep.PackCheck;
import io.robustmq.journal.tier.TierAudit;
import io.robustmq.storage.retry.RequestCounts;
import io.robustmq.storage.retry.StoreHealth;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What is in the object store, and whether it is whole, below {@code /api/v1/storage/}. Thread-safe. */
public final class StorageCalls implements AdminCalls {
    private final MetaLog meta;
    private final Store store;

    /**
     * The object store of this node.
     *
     * @param kind as in remote.storage.store
     * @param sweep lets leaders on this node look for objects that nothing refers to
     */
    public record Store(
            String kind, StoreHealth health, RequestCounts counts, TierAudit audit, PackAudit packs, Runnable sweep) {}

    /**
     * A partition of which something may be stored.
     *
     * @param home whether its records live in the store alone
     */
    private record Kept(String topic, Partition partition, int leader, boolean home) {}

    public StorageCalls(MetaLog meta, Store store) {
        this.meta = meta;
        this.store = store;
    }

    @Override
    public CompletableFuture<Answer> answer(Call call) {
        boolean reads = call.method().equals(HttpMethod.GET);
        if (call.path().equals("status") && reads) {
            return status();
        }
        if (call.path().equals("verify") && reads) {
            return verify(call);
        }
        if (call.path().equals("unreferenced") && reads) {
            return answered(unreferenced(), StorageCalls::write);
        }
        if (call.path().equals("sweep") && call.method().equals(HttpMethod.POST)) {
            store.sweep.run();
            return CompletableFuture.completedFuture(Answer.json(HttpResponseStatus.OK, json -> {
                json.writeStartObject();
                json.writeBooleanField("done", true);
                json.writeEndObject();
            }));
        }
        return CompletableFuture.completedFuture(
                Answer.refusal(HttpResponseStatus.NOT_FOUND, "nothing is served at this path with this method"));
    }

    // ---- status

    private CompletableFuture<Answer> status() {
        List<Kept> kept = kept();
        List<CompletableFuture<@Nullable TierManifest>> manifests = new ArrayList<>();
        for (Kept each : kept) {
            manifests.add(store.audit.manifest(each.partition).handle((manifest, failure) -> manifest));
        }
        CompletableFuture<PackAudit.@Nullable Packs> packs = store.packs.all().handle((found, failure) -> found);
        return CompletableFuture.allOf(manifests.toArray(CompletableFuture[]::new))
                .thenCombine(
                        packs,
                        (nothing, found) ->
                                Answer.json(HttpResponseStatus.OK, json -> writeStatus(json, kept, manifests, found)));
    }

    private List<Kept> kept() {
        List<Kept> kept = new ArrayList<>();
        List<TopicImage> topics = new ArrayList<>(meta.image().topics());
        topics.sort(Comparator.comparing(TopicImage::name));
        for (TopicImage topic : topics) {
            boolean isHome = isHome(topic);
            if (TopicSettings.isStored(topic.configs())) {
                for (PartitionImage partition : topic.partitions()) {
                    kept.add(new Kept(topic.name(), topic.partition(partition.index()), partition.leader(), isHome));
                }
            }
        }
        return kept;
    }

    private static boolean isHome(TopicImage topic) {
        return TopicSettings.of(topic.configs()).isHome();
    }

    private void writeStatus(
            JsonGenerator json,
            List<Kept> kept,
            List<CompletableFuture<@Nullable TierManifest>> manifests,
            PackAudit.@Nullable Packs packs)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("store", store.kind);
        json.writeNumberField("downMs", store.health.downForMs().orElse(0));
        json.writeStringField("downReason", store.health.downReason());
        json.writeNumberField("retries", store.health.retries());
        json.writeNumberField("givenUp", store.health.givenUp());
        json.writeArrayFieldStart("requests");
        for (RequestKind kind : RequestKind.values()) {
            json.writeStartObject();
            json.writeStringField("kind", kind.name().toLowerCase(Locale.ROOT));
            json.writeNumberField("requests", store.counts.requests(kind));
            json.writeNumberField("bytes", store.counts.bytes(kind));
            json.writeEndObject();
        }
        json.writeEndArray();
        if (packs != null) {
            json.writeNumberField("packs", packs.count());
            json.writeNumberField("packBytes", packs.bytes());
        }
        json.writeArrayFieldStart("partitions");
        for (int i = 0; i < kept.size(); i++) {
            write(json, kept.get(i), manifests.get(i).join());
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Kept kept, @Nullable TierManifest manifest) throws IOException {
        json.writeStartObject();
        json.writeStringField("topic", kept.topic);
        json.writeNumberField("partition", kept.partition.index());
        json.writeNumberField("leader", kept.leader);
        json.writeBooleanField("home", kept.home);
        json.writeBooleanField("known", manifest != null);
        if (manifest != null) {
            List<TierSegment> segments = manifest.segments();
            json.writeNumberField("segments", segments.size());
            json.writeNumberField(
                    "bytes", segments.stream().mapToLong(TierSegment::bytes).sum());
            json.writeNumberField(
                    "start", segments.isEmpty() ? -1 : segments.get(0).baseOffset());
            json.writeNumberField(
                    "end",
                    segments.isEmpty() ? -1 : segments.get(segments.size() - 1).endOffset());
        }
        json.writeEndObject();
    }

    // ---- verify

    private CompletableFuture<Answer> verify(Call call) {
        TopicImage topic = meta.image().topic(call.text("topic", ""));
        int index = (int) call.number("partition", 0, 0, Integer.MAX_VALUE);
        if (topic == null || index >= topic.partitions().size()) {
            return CompletableFuture.completedFuture(
                    Answer.refusal(HttpResponseStatus.NOT_FOUND, "there is no such partition"));
        }
        boolean reads = Boolean.parseBoolean(call.text("read", "false"));
        Partition partition = topic.partition(index);
        CompletableFuture<PackCheck.Checked> packs = isHome(topic)
                ? store.packs.verify(partition, reads)
                : CompletableFuture.completedFuture(new PackCheck.Checked(0, List.of()));
        // What the log refers to first, then the manifest: what moves from one to the other meanwhile is seen in one of
        // both.
        return answered(
                packs.thenCompose(checked ->
                        store.audit.verify(partition, reads).thenApply(segments -> new Verified(segments, checked))),
                StorageCalls::write);
    }

    /** What has an object of its own, and what is in packs. */
    private record Verified(TierAudit.Verified segments, PackCheck.Checked packs) {}

    private static void write(JsonGenerator json, Verified verified) throws IOException {
        json.writeStartObject();
        json.writeNumberField("segments", verified.segments.segments());
        json.writeNumberField("bytes", verified.segments.bytes());
        json.writeNumberField("packs", verified.packs.packs());
        List<String> faults = new ArrayList<>(verified.segments.faults());
        faults.addAll(verified.packs.faults());
        writeTexts(json, "faults", faults);
        json.writeEndObject();
    }

    private CompletableFuture<TierAudit.Unreferenced> unreferenced() {
        return store.audit
                .unreferenced(store.packs::isPack)
                .thenCombine(store.packs.unreferenced(), (objects, packs) -> {
                    List<String> names = new ArrayList<>(objects.names());
                    names.addAll(packs.names());
                    return new TierAudit.Unreferenced(
                            objects.objects() + packs.count(), objects.bytes() + packs.bytes(), names);
                });
    }

    private static void write(JsonGenerator json, TierAudit.Unreferenced unreferenced) throws IOException {
        json.writeStartObject();
        json.writeNumberField("objects", unreferenced.objects());
        json.writeNumberField("bytes", unreferenced.bytes());
        writeTexts(json, "names", unreferenced.names());
        json.writeEndObject();
    }

    private static void writeTexts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    /** Writes an outcome. */
    @FunctionalInterface
    private interface Writer<T> {
        void write(JsonGenerator json, T outcome) throws IOException;
    }

    private static <T> CompletableFuture<Answer> answered(CompletableFuture<T> outcome, Writer<T> writer) {
        return outcome.handle((result, failure) -> failure != null
                ? Answer.refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, String.valueOf(failure.getMessage()))
                : Answer.json(HttpResponseStatus.OK, json -> writer.write(json, result)));
    }
}
