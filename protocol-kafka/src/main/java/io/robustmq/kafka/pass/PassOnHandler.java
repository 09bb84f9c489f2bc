package io.robustmq.kafka.pass;

import io.robustmq.core.port.NodeLink;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import io.robustmq.kafka.server.PassedCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Passes a request on to whoever coordinates its keys. Where nobody does now, or nobody answers, the handler of this node says
 * that it is not the coordinator, and the client looks for that again. Stateless.
 */
final class PassOnHandler implements ApiHandler {
    /** Who joins a group waits for the others; a node that is gone is noticed by its connection. */
    private static final long ANSWER_MS_MAX = 3_600_000;

    private final ApiKeys api;
    private final Route route;
    private final NodeLink link;
    private final ApiHandler own;

    PassOnHandler(ApiKeys api, Route route, NodeLink link, ApiHandler own) {
        this.api = api;
        this.route = route;
        this.link = link;
        this.own = own;
    }

    @Override
    public void handle(KafkaRequest request) {
        Map<Integer, ApiMessage> parts = route.parts(request.body(ApiMessage.class));
        if (parts.isEmpty()) {
            own.handle(request);
            return;
        }
        // What the own handler would answer from.
        request.frame().retain();
        Gathered gathered = new Gathered(request, parts.size());
        parts.forEach((node, part) -> link.ask(
                node,
                NodeLink.Call.KAFKA,
                PassedCodec.encode(request, api, part),
                ANSWER_MS_MAX,
                request.loop(),
                answer -> gathered.add(
                        answer == null || !answer.isReadable()
                                ? null
                                : PassedCodec.readResponse(answer, api, request.version()))));
    }

    /** The answers to one request. Owned by the connection's loop. */
    private final class Gathered {
        private final KafkaRequest request;
        private final List<ApiMessage> answers = new ArrayList<>();
        private int missing;
        private boolean failed;

        Gathered(KafkaRequest request, int count) {
            this.request = request;
            this.missing = count;
        }

        void add(@Nullable ApiMessage answer) {
            failed |= answer == null;
            if (answer != null) {
                answers.add(answer);
            }
            missing--;
            if (missing == 0) {
                finish();
            }
        }

        private void finish() {
            try {
                if (!failed) {
                    ApiMessage first = answers.get(0);
                    answers.subList(1, answers.size()).forEach(next -> route.merge(first, next));
                    request.respond(first);
                } else if (route.isForOneKey()) {
                    own.handle(request);
                } else {
                    request.close("a coordinator did not answer");
                }
            } finally {
                request.frame().release();
            }
        }
    }
}
