package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.nemesis.history.Event.Created;
import io.robustmq.e2e.nemesis.history.History;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates a topic every few seconds. */
public final class TopicLoad extends Worker {
    private static final int PACE_MS = 1_500;
    private static final int SLICE_MS = 100;

    private final History history;
    private final String bootstrap;

    public TopicLoad(History history, String bootstrap) {
        super("topics created");
        this.history = history;
        this.bootstrap = bootstrap;
        begin();
    }

    @Override
    void run() {
        try (var admin = Admin.create(Patience.administering(bootstrap))) {
            for (int i = 0; !isStopped(); i++) {
                create(admin, "made-" + i);
                for (int slice = 0; slice < PACE_MS / SLICE_MS && !isStopped(); slice++) {
                    rest(SLICE_MS);
                }
            }
        }
    }

    private void create(Admin admin, String topic) {
        long began = history.now();
        try {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                // It may be there or not.
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        long now = history.now();
        history.add(new Created(now, now - began, topic));
        progressed();
    }
}
