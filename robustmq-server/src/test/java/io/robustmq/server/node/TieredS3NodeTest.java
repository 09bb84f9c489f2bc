package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.storage.s3.FaultyHttpProxy;
import io.robustmq.storage.s3.FaultyHttpProxy.Fault;
import io.robustmq.storage.s3.S3Server;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole node whose topic outgrows its disk into S3, which is busy for a while. */
class TieredS3NodeTest {
    private static final String TOPIC = "outgrows";

    @TempDir
    private static Path directory;

    @Test
    void whatIsStoredIsReadAndABusyStoreHoldsUpNothingElse() throws Exception {
        S3Server server = new S3Server();
        try (FaultyHttpProxy proxy = new FaultyHttpProxy(server.port())) {
            List<String> written = new ArrayList<>();
            try (Node node = Node.start(S3Nodes.values(directory, proxy.port()), System.currentTimeMillis());
                    Admin admin = Admin.create(S3Nodes.client(node))) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)
                                .configs(Map.of(
                                        "remote.storage.enable", "true",
                                        "segment.bytes", "16384",
                                        "local.retention.bytes", "20000"))))
                        .all()
                        .get();
                S3Nodes.write(node, TOPIC, written, 200);
                S3Nodes.await("segments are stored and deleted here", () -> S3Nodes.localStart(admin, TOPIC) > 100);

                proxy.otherwise(Fault.UNAVAILABLE);
                S3Nodes.write(node, TOPIC, written, 100);
                assertThat(S3Nodes.read(node, TOPIC, written.size() - 20, 20)).isEqualTo(written.subList(280, 300));
                // Nothing that was written since can be there alone.
                assertThat(S3Nodes.localStart(admin, TOPIC)).isLessThanOrEqualTo(200);

                proxy.otherwise(Fault.NONE);
                S3Nodes.await("what could not be stored is", () -> S3Nodes.localStart(admin, TOPIC) > 200);
                assertThat(S3Nodes.read(node, TOPIC, 0, written.size())).isEqualTo(written);
            }
            try (Node node = Node.start(S3Nodes.values(directory, proxy.port()), System.currentTimeMillis())) {
                proxy.otherwise(Fault.DAMAGED_ANSWER);
                S3Nodes.write(node, TOPIC, written, 1);
                proxy.otherwise(Fault.NONE);
                assertThat(S3Nodes.read(node, TOPIC, 0, written.size())).isEqualTo(written);
            }
        } finally {
            server.stop();
        }
    }
}
