package io.robustmq.server.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.robustmq.core.port.NodeLink;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final LinkTerms OPEN = new LinkTerms("", null);
    private static final LinkTerms SECRET = new LinkTerms("secret", null);

    private final LinkPair pair = new LinkPair();

    @AfterEach
    void close() throws Exception {
        pair.close();
    }

    @Test
    void aQuestionIsAnsweredInPartsAndInOrder() throws Exception {
        LinkClient client = pair.client(serve("secret"), SECRET, "cluster");
        List<CompletableFuture<Optional<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(pair.ask(client, "question " + i));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i).get(10, TimeUnit.SECONDS)).contains("so: question " + i);
        }
    }

    @Test
    void whoDoesNotKnowTheSecretIsNotAnswered() throws Exception {
        LinkClient client = pair.client(serve("secret"), new LinkTerms("guess", null), "cluster");
        assertThat(pair.ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aNodeOfAnotherClusterIsNotAnswered() throws Exception {
        LinkClient client = pair.client(serve(""), OPEN, "other");
        assertThat(pair.ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whoHasNotSaidWhoItIsIsCutOffBeforeALargeFrameIsKept() throws Exception {
        try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), serve("secret"))) {
            stranger.setSoTimeout(10_000);
            int bytes = RequestDecoder.HELLO_BYTES_MAX + 1;
            stranger.getOutputStream()
                    .write(ByteBuffer.allocate(4).putInt(bytes).array());
            // To the end: the challenge, and then nothing more, though the frame itself was never sent.
            assertThat(stranger.getInputStream().readAllBytes()).isNotEmpty();
        }
    }

    @Test
    void whoKeepsSilentIsCutOff() {
        RequestDecoder decoder = new RequestDecoder();
        EmbeddedChannel silent = new EmbeddedChannel(decoder, new LinkHandler(pair.served(SECRET), decoder));
        silent.advanceTimeBy(LinkHandler.HELLO_MS_MAX - 1, TimeUnit.MILLISECONDS);
        silent.runScheduledPendingTasks();
        assertThat(silent.isOpen()).isTrue();
        silent.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        silent.runScheduledPendingTasks();
        assertThat(silent.isOpen()).isFalse();
        silent.releaseOutbound();
    }

    @Test
    void aQuestionLargerThanAHelloIsAnswered() throws Exception {
        String question = "q".repeat(10 * RequestDecoder.HELLO_BYTES_MAX);
        LinkClient client = pair.client(serve("secret"), SECRET, "cluster");
        assertThat(pair.ask(client, question).get(10, TimeUnit.SECONDS)).contains("so: " + question);
    }

    @Test
    void withoutAListenerThereIsNoAnswerAndALaterOneIsFound() throws Exception {
        int port = serve("");
        pair.closeServer();
        LinkClient client = pair.client(port, OPEN, "cluster");
        assertThat(pair.ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void everyQuestionOfALostConnectionIsToldSo() throws Exception {
        CompletableFuture<NodeLink.Answer> asked = new CompletableFuture<>();
        int port = pair.serve(OPEN, "cluster", (body, answer) -> asked.complete(answer));
        LinkClient client = pair.client(port, OPEN, "cluster");
        CompletableFuture<Optional<String>> answer = pair.ask(client, "question");
        asked.get(10, TimeUnit.SECONDS);
        pair.closeServer();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whoClosesTheConnectionIsLostAndWhoAnswersIsFound() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        LinkClient client = pair.client(serve(""), OPEN, "cluster");
        client.watchedBy(node -> seen.add("lost " + node), node -> seen.add("found " + node));
        pair.ask(client, "question").get(10, TimeUnit.SECONDS);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("found 2");
        pair.closeServer();
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("lost 2");
        pair.ask(client, "is anybody there").get(10, TimeUnit.SECONDS);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("lost 2");
    }

    @Test
    void aNodeIsReachedByItsName() throws Exception {
        LinkClient client = pair.client("localhost", serve(""), OPEN, "cluster");
        assertThat(pair.ask(client, "question").get(10, TimeUnit.SECONDS)).contains("so: question");
    }

    @Test
    void aNameThatIsNoneIsNoAnswer() throws Exception {
        LinkClient client = pair.client("no.such.host.invalid", 1, OPEN, "cluster");
        assertThat(pair.ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    private int serve(String secret) throws Exception {
        return pair.serve(new LinkTerms(secret, null), "cluster", LinkPair.ECHO);
    }
}
