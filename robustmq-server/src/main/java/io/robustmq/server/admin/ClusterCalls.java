package io.robustmq.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.MoveThrottle;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.meta.machine.BalancePlanner;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What operators do with the nodes of the cluster, below {@code /api/v1/cluster/}. Thread-safe. */
public final class ClusterCalls implements AdminCalls {
    private static final int MOVES_SHOWN_MAX = 1_000;
    private static final long THROTTLE_MAX = 1L << 50;
    private static final int LEVEL_MAX = Short.MAX_VALUE;

    private final MetaLog meta;
    private final MetaQuorum quorum;

    public ClusterCalls(MetaLog meta, MetaQuorum quorum) {
        this.meta = meta;
        this.quorum = quorum;
    }

    @Override
    public CompletableFuture<Answer> answer(Call call) {
        boolean adds = call.method().equals(HttpMethod.POST);
        boolean removes = call.method().equals(HttpMethod.DELETE);
        if (call.path().equals("balance") && call.method().equals(HttpMethod.GET)) {
            return CompletableFuture.completedFuture(Answer.json(HttpResponseStatus.OK, this::writePlan));
        }
        if (call.path().equals("balance") && (adds || removes)) {
            return answered(meta.submit(new MetaCommand.BalanceReplicas(adds, throttle(call))));
        }
        if (call.path().equals("voters") && (adds || removes)) {
            QuorumChange.Kind kind = adds ? QuorumChange.Kind.ADD_VOTER : QuorumChange.Kind.REMOVE_VOTER;
            return answered(quorum.change(new QuorumChange(kind, node(call))));
        }
        if (call.path().equals("level") && adds) {
            return answered(meta.submit(new MetaCommand.SetLevel((int) call.number("to", 0, 1, LEVEL_MAX), false)));
        }
        if (call.path().equals("nodes") && removes) {
            return answered(quorum.removeNode(node(call), Boolean.parseBoolean(call.text("force", "false"))));
        }
        if (call.path().equals("nodes") && adds) {
            return answered(meta.submit(new MetaCommand.SetNodeState(node(call), state(call), throttle(call))));
        }
        return CompletableFuture.completedFuture(
                Answer.refusal(HttpResponseStatus.NOT_FOUND, "nothing is served at this path with this method"));
    }

    private static int node(Call call) {
        return (int) call.number("node", -1, 0, Integer.MAX_VALUE);
    }

    private static long throttle(Call call) {
        long bytes = call.number("throttle", 0, 0, THROTTLE_MAX);
        return bytes == 0 ? MoveThrottle.NONE : bytes;
    }

    private static NodeState state(Call call) {
        try {
            return NodeState.parse(call.text("state", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("state is active, maintenance or draining", e);
        }
    }

    private static CompletableFuture<Answer> answered(CompletableFuture<MetaReply> outcome) {
        return outcome.handle((reply, failure) -> {
            if (failure != null) {
                return Answer.refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, String.valueOf(failure.getMessage()));
            }
            return reply instanceof MetaReply.Refused refused
                    ? Answer.refusal(HttpResponseStatus.CONFLICT, refused.message())
                    : Answer.json(HttpResponseStatus.OK, json -> {
                        json.writeStartObject();
                        json.writeBooleanField("done", true);
                        json.writeEndObject();
                    });
        });
    }

    private void writePlan(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("moves");
        for (BalancePlanner.Move move : BalancePlanner.plan(meta.image(), MOVES_SHOWN_MAX)) {
            json.writeStartObject();
            json.writeStringField("topic", move.topic());
            json.writeNumberField("partition", move.partition().index());
            writeNumbers(json, "from", move.from());
            writeNumbers(json, "to", move.to());
            json.writeBooleanField("copies", move.copies());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeNumbers(JsonGenerator json, String name, List<Integer> numbers) throws IOException {
        json.writeArrayFieldStart(name);
        for (int number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }
}
