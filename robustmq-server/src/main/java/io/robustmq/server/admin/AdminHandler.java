package io.robustmq.server.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.robustmq.core.login.Login;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.server.admin.AdminServer.Served;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One admin connection. Owned by its event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Answer BUSY =
            Answer.refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, "too many logins are being checked");
    private static final Answer FAILED =
            Answer.refusal(HttpResponseStatus.INTERNAL_SERVER_ERROR, "the request failed; the log says why");
    private static final String NOBODY = "";
    private static final Logger log = LoggerFactory.getLogger(AdminHandler.class);

    private final Served served;
    private boolean checking;

    AdminHandler(Served served) {
        this.served = served;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (checking) {
            // Nobody who waits for answers sends requests meanwhile.
            context.close();
            return;
        }
        boolean isHead = request.method().equals(HttpMethod.HEAD);
        boolean keepAlive =
                HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        checking = true;
        if (isOpen(request)) {
            answer(context, request, NOBODY, keepAlive);
            return;
        }
        String host = ((InetSocketAddress) context.channel().remoteAddress())
                .getAddress()
                .getHostAddress();
        logIn(request, host).whenComplete((login, failure) -> context.executor().execute(() -> {
            Answer refusal = failure != null ? BUSY : refusal(login, host, request.method());
            if (refusal == null) {
                answer(context, request, login.orElseThrow().principal().toString(), keepAlive);
            } else {
                checking = false;
                send(context, refusal, isHead, keepAlive);
            }
        }));
    }

    private void answer(ChannelHandlerContext context, FullHttpRequest request, String user, boolean keepAlive) {
        answer(request, user)
                .whenComplete((answer, failure) -> context.executor().execute(() -> {
                    checking = false;
                    boolean isHead = request.method().equals(HttpMethod.HEAD);
                    if (failure != null) {
                        log.error("admin request={} failed", request.uri(), failure);
                    }
                    send(context, failure == null ? answer : FAILED, isHead, keepAlive);
                }));
    }

    /** Health is for whoever asks; the rest too, where nobody has to say who they are. */
    private boolean isOpen(FullHttpRequest request) {
        return path(request).startsWith("/health/") || (!served.logins().required() && served.openToAll());
    }

    private CompletableFuture<Optional<Login>> logIn(FullHttpRequest request, String host) {
        String header = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
            try {
                String pair = new String(
                        Base64.getDecoder().decode(header.substring(6).trim()), StandardCharsets.UTF_8);
                int colon = pair.indexOf(':');
                if (colon > 0) {
                    byte[] password = pair.substring(colon + 1).getBytes(StandardCharsets.UTF_8);
                    return served.logins().password(pair.substring(0, colon), password, host);
                }
            } catch (IllegalArgumentException e) {
                log.debug("admin client={} sent no base 64", host);
            }
        } else if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return served.logins().token(header.substring(7).trim(), host);
        }
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** Null when the request may be made: to see, who may DESCRIBE the cluster; to change, who may ALTER it. */
    private @Nullable Answer refusal(Optional<Login> login, String host, HttpMethod method) {
        if (login.isEmpty()) {
            served.logins().failed("admin", host, "Basic", "", "no user, or a wrong password");
            return Answer.refusal(HttpResponseStatus.UNAUTHORIZED, "a user and a password are needed");
        }
        Operation operation = isRead(method) ? Operation.DESCRIBE : Operation.ALTER;
        boolean allowed = served.authorizer()
                .allows(login.get().principal(), operation, ResourceType.CLUSTER, Authorizer.CLUSTER);
        return allowed
                ? null
                : Answer.refusal(HttpResponseStatus.FORBIDDEN, "the user needs " + operation + " on the cluster");
    }

    private static void send(ChannelHandlerContext context, Answer answer, boolean isHead, boolean keepAlive) {
        ByteBuf body = ByteBufUtil.writeUtf8(context.alloc(), answer.body());
        int bytes = body.readableBytes();
        if (isHead) {
            body.clear();
        }
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status(), body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, bytes);
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        response.headers().set("X-Content-Type-Options", "nosniff");
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        if (answer.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"robustmq\"");
        }
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = context.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private CompletableFuture<Answer> answer(FullHttpRequest request, String user) {
        if (!request.decoderResult().isSuccess()) {
            return CompletableFuture.completedFuture(
                    Answer.refusal(HttpResponseStatus.BAD_REQUEST, "not a valid HTTP request"));
        }
        if (!isRead(request.method()) && request.headers().contains(HttpHeaderNames.ORIGIN)) {
            // A page of somebody else's, in the browser of somebody who may do this.
            return CompletableFuture.completedFuture(
                    Answer.refusal(HttpResponseStatus.FORBIDDEN, "pages may not change anything"));
        }
        try {
            QueryStringDecoder query = new QueryStringDecoder(request.uri());
            String path = QueryStringDecoder.decodeComponent(query.rawPath());
            return served.api().call(request.method(), path, query.parameters(), user);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(
                    Answer.refusal(HttpResponseStatus.BAD_REQUEST, "not a valid address"));
        }
    }

    private static boolean isRead(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    private static String path(FullHttpRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A client that went away is no news.
        if (!(cause instanceof IOException)) {
            log.warn("admin connection remote={} failed", context.channel().remoteAddress(), cause);
        }
        context.close();
    }
}
