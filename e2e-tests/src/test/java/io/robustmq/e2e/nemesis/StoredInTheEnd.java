package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.StorageTool;
import io.robustmq.e2e.nemesis.history.Violation;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import io.robustmq.e2e.nemesis.load.StoredTopic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/** What operators see of the object store when all is well again and nobody writes. */
final class StoredInTheEnd {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NOTHING = "0 objects, 0 bytes";

    private StoredInTheEnd() {}

    static List<Violation> check(BrokerCluster cluster, Admin admin) {
        List<Violation> found = new ArrayList<>();
        NemesisRun.say(StoredTopic.awaitMoved(admin));
        try (CommandLine verify = StorageTool.start(cluster.node(1), "verify", "--read")) {
            int exitCode = verify.awaitEnd();
            verify.output().lines().forEach(line -> NemesisRun.say("verify: " + line));
            if (exitCode != 0) {
                found.add(new Violation(Kind.STORE_NOT_WHOLE, StoredTopic.NAME, verify.output()));
            }
        }
        NemesisRun.say("before gc: " + unreferenced(cluster));
        try {
            Await.until("nothing is left over", PATIENCE, () -> {
                for (int id = 1; id <= cluster.size(); id++) {
                    StorageTool.run(cluster.node(id), 0, "gc");
                }
                return unreferenced(cluster).contains(NOTHING);
            });
        } catch (AssertionError leftOver) {
            found.add(new Violation(Kind.STORE_LEFT_OVER, StoredTopic.NAME, unreferenced(cluster)));
        }
        return found;
    }

    private static String unreferenced(BrokerCluster cluster) {
        return StorageTool.run(cluster.node(1), 0, "gc", "--dry-run").strip();
    }
}
