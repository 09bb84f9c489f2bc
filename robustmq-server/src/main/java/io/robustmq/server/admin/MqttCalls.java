package io.robustmq.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.robustmq.core.ban.AddressRange;
import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.core.delayed.DelayedMessage;
import io.robustmq.mqtt.admin.MqttAdmin;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.deliver.SlowClient;
import io.robustmq.mqtt.trace.Trace;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** What operators do with MQTT clients, below {@code /api/v1/mqtt/}. Thread-safe. */
public final class MqttCalls implements AdminCalls {
    private static final int PAGE = 100;
    private static final int PAGE_MAX = 1000;
    private static final long TRACE_SECONDS = 600;
    private static final long TRACE_SECONDS_MAX = 86_400;
    private static final long SECONDS_MAX = 100L * 365 * 86_400;
    private static final CompletableFuture<Answer> NO_SUCH_CALL =
            done(Answer.refusal(HttpResponseStatus.NOT_FOUND, "nothing is served at this path with this method"));

    private final MqttAdmin mqtt;
    private final LongSupplier nowMs;

    public MqttCalls(MqttAdmin mqtt, LongSupplier nowMs) {
        this.mqtt = mqtt;
        this.nowMs = nowMs;
    }

    private interface Body<T> {
        void write(JsonGenerator json, T value) throws IOException;
    }

    @Override
    public CompletableFuture<Answer> answer(Call call) {
        int slash = call.path().indexOf('/');
        String noun = slash < 0 ? call.path() : call.path().substring(0, slash);
        String name = slash < 0 ? "" : call.path().substring(slash + 1);
        return switch (noun) {
            case "clients" -> clients(call, name);
            case "sessions" -> sessions(call, name);
            case "subscriptions" -> isGet(call) ? subscriptions(call) : NO_SUCH_CALL;
            case "bans" -> bans(call);
            case "traces" -> traces(call, name);
            case "delayed" -> delayed(call, name);
            case "slow" -> slow(call, name);
            default -> NO_SUCH_CALL;
        };
    }

    private static boolean isGet(Call call) {
        return call.method().equals(HttpMethod.GET) || call.method().equals(HttpMethod.HEAD);
    }

    private static boolean isDelete(Call call, String name) {
        return call.method().equals(HttpMethod.DELETE) && !name.isEmpty();
    }

    private CompletableFuture<Answer> clients(Call call, String name) {
        if (isDelete(call, name)) {
            return mqtt.kick(name).thenApply(ended -> found(ended, "no such client is connected"));
        }
        return isGet(call) ? page(call, name, true, "clients", MqttCalls::writeSession) : NO_SUCH_CALL;
    }

    private CompletableFuture<Answer> sessions(Call call, String name) {
        if (isDelete(call, name)) {
            return mqtt.endSession(name).thenApply(ended -> found(ended, "there is no such session"));
        }
        return isGet(call) ? page(call, name, false, "sessions", MqttCalls::writeSession) : NO_SUCH_CALL;
    }

    private CompletableFuture<Answer> page(
            Call call, String clientId, boolean connectedOnly, String noun, Body<SessionInfo> body) {
        int max = (int) call.number("limit", PAGE, 1, PAGE_MAX);
        boolean slowest = call.text("order", "").equals("slowest");
        SessionInfo.Query query = new SessionInfo.Query(clientId, call.text("after", ""), max, connectedOnly, slowest);
        return mqtt.sessions(query).thenApply(sessions -> {
            if (!clientId.isEmpty() && sessions.isEmpty()) {
                return Answer.refusal(HttpResponseStatus.NOT_FOUND, "there is no such client");
            }
            boolean more = clientId.isEmpty() && !slowest && sessions.size() == max;
            return list(noun, sessions, body, more ? sessions.get(max - 1).clientId() : "");
        });
    }

    private CompletableFuture<Answer> subscriptions(Call call) {
        return page(call, call.text("client", ""), false, "subscriptions", (json, session) -> {
            for (SessionInfo.SubscriptionInfo subscription : session.subscriptions()) {
                json.writeStartObject();
                json.writeStringField("clientId", session.clientId());
                json.writeStringField("filter", subscription.filter());
                json.writeNumberField("qos", subscription.qos());
                json.writeBooleanField("noLocal", subscription.noLocal());
                json.writeBooleanField("retainAsPublished", subscription.retainAsPublished());
                json.writeNumberField("id", subscription.id());
                json.writeEndObject();
            }
        });
    }

    private static void writeSession(JsonGenerator json, SessionInfo session) throws IOException {
        json.writeStartObject();
        json.writeStringField("clientId", session.clientId());
        json.writeStringField("user", session.user());
        json.writeBooleanField("connected", session.link().connected());
        if (session.link().connected()) {
            json.writeStringField("address", session.link().address());
            json.writeNumberField("protocolVersion", session.link().version());
            json.writeNumberField("keepAliveSeconds", session.link().keepAliveSeconds());
            json.writeNumberField("connectedAtMs", session.link().sinceMs());
        }
        json.writeBooleanField("persistent", session.persistent());
        json.writeNumberField("expirySeconds", session.expirySeconds());
        json.writeNumberField("subscriptions", session.subscriptions().size());
        json.writeNumberField("inFlight", session.inFlight());
        json.writeNumberField("window", session.window());
        json.writeNumberField("queued", session.queued());
        json.writeNumberField("queuedBytes", session.queuedBytes());
        json.writeNumberField("unreleased", session.unreleased());
        json.writeEndObject();
    }

    private CompletableFuture<Answer> bans(Call call) {
        if (isGet(call)) {
            return done(list("bans", mqtt.bans(), MqttCalls::writeBan, ""));
        }
        Ban.Kind kind = Ban.Kind.of(call.text("kind", ""));
        String value = call.text("value", "");
        String named = kind == Ban.Kind.ADDRESS ? AddressRange.parse(value).toString() : value;
        if (named.isEmpty()) {
            throw new IllegalArgumentException("value says what is banned");
        }
        if (call.method().equals(HttpMethod.DELETE)) {
            return mqtt.unban(new Ban.Key(kind, named)).thenApply(MqttCalls::banOutcome);
        }
        if (!call.method().equals(HttpMethod.POST)) {
            return NO_SUCH_CALL;
        }
        long now = nowMs.getAsLong();
        long seconds = call.number("seconds", 0, 0, SECONDS_MAX);
        long until = seconds == 0 ? Ban.FOR_EVER : now + seconds * 1000;
        return mqtt.ban(new Ban(kind, named, call.text("reason", ""), call.user(), now, until))
                .thenApply(MqttCalls::banOutcome);
    }

    private static void writeBan(JsonGenerator json, Ban ban) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", ban.kind().label());
        json.writeStringField("value", ban.value());
        json.writeStringField("reason", ban.reason());
        json.writeStringField("by", ban.by());
        json.writeNumberField("atMs", ban.atMs());
        if (ban.untilMs() != Ban.FOR_EVER) {
            json.writeNumberField("untilMs", ban.untilMs());
        }
        json.writeEndObject();
    }

    private CompletableFuture<Answer> traces(Call call, String name) {
        if (isGet(call)) {
            return done(list("traces", mqtt.traces(), MqttCalls::writeTrace, ""));
        }
        if (isDelete(call, name)) {
            return done(found(mqtt.stopTrace(name), "there is no such trace"));
        }
        if (!call.method().equals(HttpMethod.POST) || name.isEmpty()) {
            return NO_SUCH_CALL;
        }
        long seconds = call.number("seconds", TRACE_SECONDS, 1, TRACE_SECONDS_MAX);
        boolean isStarted = mqtt.startTrace(name, call.text("client", ""), call.text("topic", ""), seconds);
        return done(
                isStarted
                        ? ok()
                        : Answer.refusal(
                                HttpResponseStatus.CONFLICT, "there is a trace of this name, or as many as may be"));
    }

    private static void writeTrace(JsonGenerator json, Trace trace) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", trace.name());
        json.writeStringField("client", trace.clientId());
        json.writeStringField("topic", trace.filter());
        json.writeNumberField("untilMs", trace.untilMs());
        json.writeEndObject();
    }

    private CompletableFuture<Answer> delayed(Call call, String name) {
        if (isDelete(call, name)) {
            return mqtt.cancelDelayed(name).thenApply(MqttCalls::delayOutcome);
        }
        if (!isGet(call)) {
            return NO_SUCH_CALL;
        }
        int max = (int) call.number("limit", PAGE, 1, PAGE_MAX);
        return mqtt.delayed(call.text("after", ""), max).thenApply(page -> {
            List<DelayedMessage> messages = page.messages();
            String next = messages.size() == max ? messages.get(max - 1).id() : "";
            return list("delayed", messages, MqttCalls::writeDelayed, next);
        });
    }

    private static void writeDelayed(JsonGenerator json, DelayedMessage message) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", message.id());
        json.writeStringField("topic", message.message().topic());
        json.writeNumberField("dueAtMs", message.dueAtMs());
        json.writeStringField("clientId", message.clientId());
        json.writeStringField("user", message.message().publisher().name());
        json.writeNumberField("qos", message.message().properties().qos());
        json.writeNumberField("bytes", message.message().payload().readableBytes());
        json.writeEndObject();
    }

    private CompletableFuture<Answer> slow(Call call, String name) {
        if (call.method().equals(HttpMethod.DELETE) && name.isEmpty()) {
            mqtt.forgetSlow();
            return done(ok());
        }
        return isGet(call)
                ? mqtt.slow().thenApply(clients -> list("slow", clients, MqttCalls::writeSlow, ""))
                : NO_SUCH_CALL;
    }

    private static void writeSlow(JsonGenerator json, SlowClient client) throws IOException {
        json.writeStartObject();
        json.writeStringField("clientId", client.clientId());
        json.writeStringField("topic", client.topic());
        json.writeNumberField("worstMs", client.worstMs());
        json.writeNumberField("count", client.count());
        json.writeNumberField("atMs", client.atMs());
        json.writeEndObject();
    }

    private static <T> Answer list(String noun, List<T> values, Body<T> body, String next) {
        return Answer.json(HttpResponseStatus.OK, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart(noun);
            for (T value : values) {
                body.write(json, value);
            }
            json.writeEndArray();
            if (!next.isEmpty()) {
                json.writeStringField("next", next);
            }
            json.writeEndObject();
        });
    }

    private static Answer found(boolean isFound, String otherwise) {
        return isFound ? ok() : Answer.refusal(HttpResponseStatus.NOT_FOUND, otherwise);
    }

    private static Answer banOutcome(BanEffect.Outcome outcome) {
        return switch (outcome) {
            case DONE -> ok();
            case FULL -> Answer.refusal(HttpResponseStatus.INSUFFICIENT_STORAGE, "there are mqtt.bans.max bans");
            case NOT_BANNED -> Answer.refusal(HttpResponseStatus.NOT_FOUND, "there is no such ban");
            case UNAVAILABLE -> unavailable();
        };
    }

    private static Answer delayOutcome(DelayEffect.Outcome outcome) {
        return switch (outcome) {
            case DONE -> ok();
            case FULL, UNAVAILABLE -> unavailable();
            case NOT_WAITING -> Answer.refusal(HttpResponseStatus.NOT_FOUND, "no such message waits");
        };
    }

    private static Answer unavailable() {
        return Answer.refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, "this cannot be stored now");
    }

    private static Answer ok() {
        return Answer.json(HttpResponseStatus.OK, json -> {
            json.writeStartObject();
            json.writeEndObject();
        });
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
