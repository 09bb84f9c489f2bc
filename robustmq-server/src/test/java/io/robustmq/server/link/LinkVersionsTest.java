package io.robustmq.server.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.NodeLink;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes of different builds in one cluster, as while it is upgraded. */
class LinkVersionsTest {
    private static final LinkSecret SECRET = new LinkSecret("secret");

    private final LinkPair pair = new LinkPair();

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void twoNodesSpeakTheNewestVersionThatBothKnow() throws Exception {
        assertThat(new LinkVersions(1, 3).commonWith(new LinkVersions(2, 5))).isEqualTo(3);
        assertThat(new LinkVersions(2, 5).commonWith(new LinkVersions(1, 3))).isEqualTo(3);
        assertThatIOException()
                .isThrownBy(() -> new LinkVersions(1, 1).commonWith(new LinkVersions(2, 3)))
                .withMessageContaining("that node speaks versions 2 to 3 of the link, this node version 1 of the link");
    }

    @Test
    void aNodeOneVersionOlderAsksAndIsAnswered() throws Exception {
        int port = pair.serve(speaking(1, 2), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client(port, speaking(1, 1), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .contains("so: question");
    }

    @Test
    void aNodeOneVersionOlderIsAskedAndAnswers() throws Exception {
        int port = pair.serve(speaking(1, 1), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client(port, speaking(1, 2), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .contains("so: question");
    }

    @Test
    void aNodeOneVersionOlderIsNotAskedWhatItDoesNotKnowAndTheRestGoesOn() throws Exception {
        LinkClient client =
                pair.client(pair.serve(speaking(1, 1), "cluster", LinkPair.ECHO), speaking(1, 2), "cluster");
        assertThat(pair.ask(client, NodeLink.Call.META, "new").get(10, TimeUnit.SECONDS))
                .isEmpty();
        assertThat(pair.ask(client, "question").get(10, TimeUnit.SECONDS)).contains("so: question");
        assertThat(pair.ask(client, NodeLink.Call.LOG, "new").get(10, TimeUnit.SECONDS))
                .isEmpty();
        assertThat(pair.ask(client, "again").get(10, TimeUnit.SECONDS)).contains("so: again");
    }

    @Test
    void aNodeWithoutACommonVersionIsNotAsked() throws Exception {
        int port = pair.serve(speaking(2, 3), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client(port, speaking(1, 1), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .isEmpty();
    }

    /** Version 1 before there were others: it proves with all of the challenge, whatever is in it. */
    @Test
    void whoDoesNotKnowOfVersionsSpeaksTheFirst() throws Exception {
        try (Socket node =
                new Socket(InetAddress.getLoopbackAddress(), pair.serve(speaking(1, 2), "cluster", LinkPair.ECHO))) {
            node.setSoTimeout(10_000);
            ByteBuf challenge = read(node);
            assertThat(challenge.readByte()).as("version").isEqualTo((byte) 1);
            assertThat(challenge.readByte()).isEqualTo(LinkFrame.CHALLENGE);
            challenge.readLong();
            byte[] bytes = new byte[challenge.readableBytes()];
            challenge.readBytes(bytes);
            send(node, hello(1, bytes));
            send(node, LinkFrame.head(1, 1, 7, 2).writeBytes(new byte[] {'h', 'i'}));
            ByteBuf answer = read(node);
            assertThat(answer.readByte()).as("version").isEqualTo((byte) 1);
            assertThat(answer.readByte()).isEqualTo(LinkFrame.ANSWER);
            assertThat(answer.readLong()).isEqualTo(7);
            assertThat(answer.toString(StandardCharsets.UTF_8)).isEqualTo("so: hi");
        }
    }

    @Test
    void aHelloOfAVersionThatIsNotSpokenEndsTheConnection() throws Exception {
        try (Socket node =
                new Socket(InetAddress.getLoopbackAddress(), pair.serve(speaking(1, 2), "cluster", LinkPair.ECHO))) {
            node.setSoTimeout(10_000);
            ByteBuf challenge = read(node).skipBytes(LinkFrame.HEAD_BYTES);
            byte[] bytes = new byte[challenge.readableBytes()];
            challenge.readBytes(bytes);
            send(node, hello(3, bytes));
            assertThatIOException().isThrownBy(() -> read(node)).isInstanceOf(EOFException.class);
        }
    }

    /** A server of version 1 that names none in its challenge. */
    @Test
    void aNodeThatDoesNotNameItsVersionsIsSpokenToInThatOfItsChallenge() throws Exception {
        try (ServerSocket older = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var asked = pair.ask(pair.client(older.getLocalPort(), speaking(1, 2), "cluster"), "question");
            try (Socket node = older.accept()) {
                node.setSoTimeout(10_000);
                byte[] challenge = new byte[LinkSecret.CHALLENGE_BYTES];
                Arrays.fill(challenge, (byte) 9);
                send(
                        node,
                        LinkFrame.head(1, LinkFrame.CHALLENGE, 0, challenge.length)
                                .writeBytes(challenge));
                assertThat(read(node).readByte()).as("version of the hello").isEqualTo((byte) 1);
                assertThat(read(node).readByte()).as("version of the question").isEqualTo((byte) 1);
                send(node, LinkFrame.head(1, LinkFrame.ANSWER, 1, 2).writeBytes(new byte[] {'o', 'k'}));
                assertThat(asked.get(10, TimeUnit.SECONDS)).contains("ok");
            }
        }
    }

    private static LinkTerms speaking(int oldest, int newest) {
        return new LinkTerms(SECRET, null, new LinkVersions(oldest, newest));
    }

    private static ByteBuf hello(int version, byte[] challenge) {
        byte[] id = "cluster".getBytes(StandardCharsets.UTF_8);
        byte[] proof = SECRET.proof(challenge, "cluster", 1);
        return LinkFrame.head(version, LinkFrame.HELLO, 0, 2 + id.length + 4 + proof.length)
                .writeShort(id.length)
                .writeBytes(id)
                .writeInt(1)
                .writeBytes(proof);
    }

    private static void send(Socket to, ByteBuf frame) throws Exception {
        frame.readBytes(new DataOutputStream(to.getOutputStream()), frame.readableBytes());
        frame.release();
    }

    /** The frame without its length. */
    private static ByteBuf read(Socket from) throws Exception {
        DataInputStream in = new DataInputStream(from.getInputStream());
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return Unpooled.wrappedBuffer(frame);
    }
}
