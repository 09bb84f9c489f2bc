package io.robustmq.storage.s3;

import com.sun.management.OperatingSystemMXBean;
import io.robustmq.storage.object.Checksums;
import io.robustmq.storage.s3.S3Config.S3Checksum;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * What a store of S3's protocol and Amazon's SDK give by themselves: the bound for what a node stores and reads. Objects are written in parts,
 * one after the other, as a segment is; ranges are read in order. Run by hand: {@code serve} and milliseconds that each content takes more, which tells its port and runs until its input ends, or {@code measure}, port,
 * prefix, objects, bytes of each, bytes of a part, threads that write, bytes of a range, threads that read and passes (3), or {@code store}, port, prefix, objects, bytes
 * of each, bytes of a part, and milliseconds from one to the next: what a node's storing costs everybody beside it; or {@code read}, port, prefix, objects,
 * bytes of each, bytes of a part, bytes of a range, and threads: reads all at each line of its input, in turn with somebody else's reading.
 */
final class S3StoreBench {
    private static final double MB = 1e6;
    /** The first ones warm up. */
    private static final int PASSES_DEFAULT = 3;

    private final S3Client client;
    private final String prefix;
    private final int objects;
    private final int objectBytes;
    private final byte[] part;
    private final String partCrc;

    private S3StoreBench(S3Client client, String prefix, int objects, int objectBytes, int partBytes) {
        this.client = client;
        this.prefix = prefix;
        this.objects = objects;
        this.objectBytes = objectBytes;
        this.part = new byte[partBytes];
        new Random(1).nextBytes(part);
        this.partCrc = S3Calls.base64(Checksums.crc32c(List.of(ByteBuffer.wrap(part))));
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("serve")) {
            S3Server server = new S3Server(args.length > 1 ? number(args, 1) : 0);
            System.out.println("port=" + server.port());
            while (System.in.read() >= 0) {}
            server.stop();
            return;
        }
        System.setProperty("aws.accessKeyId", "identity");
        System.setProperty("aws.secretAccessKey", "credential");
        int port = number(args, 1);
        try (S3Client client =
                S3Clients.of(S3Server.config(port, "", S3Checksum.CRC32C, S3Config.S3Timeouts.DEFAULT))) {
            var bench = new S3StoreBench(client, args[2], number(args, 3), number(args, 4), number(args, 5));
            if (args[0].equals("store")) {
                bench.store(number(args, 6));
                return;
            }
            if (args[0].equals("read")) {
                bench.readAtEachLine(number(args, 6), number(args, 7));
                return;
            }
            int ranges = bench.objectBytes / number(args, 7);
            int passes = args.length > 9 ? number(args, 9) : PASSES_DEFAULT;
            for (int pass = 1; pass <= passes; pass++) {
                bench.report("put", number(args, 6), bench.objects, bench::put);
                bench.report(
                        "get",
                        number(args, 8),
                        bench.objects * ranges,
                        at -> bench.get(at / ranges, at % ranges, number(args, 7)));
                bench.delete();
            }
        }
    }

    private void store(int intervalMs) {
        long next = System.nanoTime();
        for (int i = 0; i < objects; i++) {
            put(i);
            next += TimeUnit.MILLISECONDS.toNanos(intervalMs);
            for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private void readAtEachLine(int rangeBytes, int threads) throws Exception {
        for (int i = 0; i < objects; i++) {
            put(i);
        }
        System.out.println("ready");
        int ranges = objectBytes / rangeBytes;
        for (int in = System.in.read(); in >= 0; in = System.in.read()) {
            report("get", threads, objects * ranges, at -> get(at / ranges, at % ranges, rangeBytes));
        }
    }

    private void delete() {
        for (int i = 0; i < objects; i++) {
            String key = key(i);
            client.deleteObject(delete -> delete.bucket(S3Server.BUCKET).key(key));
        }
    }

    private static int number(String[] args, int at) {
        return Integer.parseInt(args[at]);
    }

    /** One of many. */
    @FunctionalInterface
    private interface Task {
        void run(int number) throws IOException;
    }

    private void report(String what, int threads, int count, Task task)
            throws InterruptedException, ExecutionException {
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long cpu = cpuNs();
        long begun = System.nanoTime();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(pool.submit(() -> {
                for (int at = next.getAndIncrement(); at < count; at = next.getAndIncrement()) {
                    task.run(at);
                }
                return null;
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        pool.shutdown();
        double bytes = (double) objects * objectBytes;
        System.out.printf(
                "%s threads=%d MB/s=%.1f cpu-s/GB=%.2f%n",
                what, threads, bytes / MB / seconds, (cpuNs() - cpu) / bytes);
    }

    /** Of this process. */
    private static long cpuNs() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private String key(int object) {
        return prefix + "/" + object;
    }

    private void put(int object) {
        String key = key(object);
        String id = client.createMultipartUpload(
                        upload -> upload.bucket(S3Server.BUCKET).key(key).checksumAlgorithm(ChecksumAlgorithm.CRC32_C))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (int at = 0; at < objectBytes; at += part.length) {
            int number = parts.size() + 1;
            String etag = client.uploadPart(
                            upload -> upload.bucket(S3Server.BUCKET)
                                    .key(key)
                                    .uploadId(id)
                                    .partNumber(number)
                                    .checksumCRC32C(partCrc),
                            RequestBody.fromContentProvider(
                                    () -> new BufferStream(List.of(ByteBuffer.wrap(part))),
                                    part.length,
                                    "application/octet-stream"))
                    .eTag();
            parts.add(CompletedPart.builder()
                    .partNumber(number)
                    .eTag(etag)
                    .checksumCRC32C(partCrc)
                    .build());
        }
        client.completeMultipartUpload(complete ->
                complete.bucket(S3Server.BUCKET).key(key).uploadId(id).multipartUpload(upload -> upload.parts(parts)));
    }

    private void get(int object, int range, int bytes) throws IOException {
        long from = (long) range * bytes;
        try (var content = client.getObject(get ->
                get.bucket(S3Server.BUCKET).key(key(object)).range("bytes=" + from + "-" + (from + bytes - 1)))) {
            int read = content.readNBytes(bytes).length;
            if (read != bytes) {
                throw new IOException(read + " bytes of " + bytes);
            }
        }
    }
}
