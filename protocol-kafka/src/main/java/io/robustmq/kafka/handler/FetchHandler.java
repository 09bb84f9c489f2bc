package io.robustmq.kafka.handler;

import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Reads for consumers: stored bytes go to the socket as they are. The work of one request is a {@link FetchTurn}. */
public final class FetchHandler implements ApiHandler {
    private static final short SESSIONS = 7;

    private final KafkaContext context;
    private final FetchSessions sessions;
    private final Access access;
    private final Brokers brokers;

    public FetchHandler(KafkaContext context) {
        this.context = context;
        this.sessions = new FetchSessions(
                context.config().fetchSessionsMax(), context.config().fetchSessionPartitionsMax(), context.metrics());
        this.access = new Access(context.authorizer());
        this.brokers = new Brokers(context.nodeId(), context.config());
    }

    @Override
    public void handle(KafkaRequest request) {
        FetchRequestData body = request.body(FetchRequestData.class);
        sessions.begin(body, request.version(), request.loop(), turn -> start(request, body, turn));
    }

    private void start(KafkaRequest request, FetchRequestData body, FetchSessions.Turn turn) {
        if (turn.error() != Errors.NONE) {
            request.respond(new FetchResponseData().setErrorCode(turn.error().code()));
            return;
        }
        FetchReads reads = new FetchReads(context, access, request, body, turn.partitions());
        new FetchTurn(context, brokers, request, body, turn, reads).start();
    }

    static boolean hasSessions(short version) {
        return version >= SESSIONS;
    }
}
