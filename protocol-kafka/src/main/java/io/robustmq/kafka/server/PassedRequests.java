package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import io.robustmq.core.port.NodeLink;
import java.net.InetSocketAddress;
import org.apache.kafka.common.protocol.ApiMessage;

/** Answers what clients asked other nodes that passed it on. Each conversation is owned by its connection's loop. */
public final class PassedRequests implements NodeLink.Service {
    private final ApiTable apis;

    public PassedRequests(ApiTable apis) {
        this.apis = apis;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                PassedCodec.Head head = PassedCodec.readHead(body);
                ApiTable.Api api = apis.find(head.api().id);
                if (api == null || !api.serves(head.version())) {
                    throw new IllegalArgumentException(head.api() + " version " + head.version() + " is not served");
                }
                api.handler().handle(new Passed(head, PassedCodec.readRequest(body, head), loop, answer));
            }

            @Override
            public void ended() {}
        };
    }

    /** One request; its client is connected elsewhere. Owned by the connection's loop. */
    private record Passed(PassedCodec.Head head, ApiMessage message, Loop loop, NodeLink.Answer answer)
            implements KafkaRequest {
        @Override
        public <T extends ApiMessage> T body(Class<T> type) {
            return type.cast(message);
        }

        @Override
        public short version() {
            return head.version();
        }

        @Override
        public String clientId() {
            return head.clientId();
        }

        @Override
        public Principal principal() {
            return head.principal();
        }

        @Override
        public InetSocketAddress remoteAddress() {
            return head.address();
        }

        @Override
        public InetSocketAddress localAddress() {
            return InetSocketAddress.createUnresolved("", 0);
        }

        @Override
        public ByteBuf frame() {
            return Unpooled.EMPTY_BUFFER;
        }

        @Override
        public void respond(ApiMessage response) {
            answer.send(PassedCodec.encode(response, head.version()));
        }

        @Override
        public void finishWithoutResponse() {
            close("no answer");
        }

        /** An empty answer: the client's connection is closed. */
        @Override
        public void close(String reason) {
            answer.send(Unpooled.EMPTY_BUFFER);
        }
    }
}
