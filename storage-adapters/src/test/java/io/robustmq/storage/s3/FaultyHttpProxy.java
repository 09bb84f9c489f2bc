package io.robustmq.storage.s3;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Passes HTTP requests on, each by a connection of its own, and does to them what it is told to. A thread per request. */
public final class FaultyHttpProxy implements AutoCloseable {
    /** What is done to a request. */
    public enum Fault {
        NONE,
        /** 503 SlowDown; the request is not passed on. */
        UNAVAILABLE,
        /** The request is passed on after {@link #SLOW_MS}. */
        SLOW,
        /** The connection is reset; the request is not passed on. */
        RESET_BEFORE,
        /** The connection is reset instead of the answer: what was asked for is done. */
        RESET_AFTER,
        /** No answer comes: what was asked for is done. */
        SILENCE,
        /** The connection ends in the middle of the answer's body. */
        CUT_ANSWER,
        /** A byte of the answer's body is another. */
        DAMAGED_ANSWER,
        /** A byte of the request's body is another. */
        DAMAGED_REQUEST
    }

    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final byte[] SLOW_DOWN = ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\n"
                    + "Content-Length: 37\r\nConnection: close\r\n\r\n<Error><Code>SlowDown</Code> </Error>")
            .getBytes(StandardCharsets.US_ASCII);

    private static final long SLOW_MS = 1_500;

    private final InetSocketAddress address;
    private final int targetPort;
    private volatile ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ArrayDeque<Fault> next = new ArrayDeque<>();
    private Fault otherwise = Fault.NONE;
    private final List<String> requests = new ArrayList<>();
    private long disturbed;

    public FaultyHttpProxy(int targetPort) throws IOException {
        this(targetPort, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    FaultyHttpProxy(int targetPort, InetSocketAddress listenAt) throws IOException {
        this.targetPort = targetPort;
        this.server = listen(listenAt);
        this.address = (InetSocketAddress) server.getLocalSocketAddress();
    }

    private ServerSocket listen(InetSocketAddress at) throws IOException {
        ServerSocket listening = new ServerSocket(at.getPort(), 50, at.getAddress());
        Thread acceptor = new Thread(() -> accept(listening), "faulty-proxy");
        acceptor.setDaemon(true);
        acceptor.start();
        return listening;
    }

    /** Nobody is there any more, as when the process has ended: connections are refused. */
    void goAway() throws IOException {
        close();
    }

    void comeBack() throws IOException {
        server = listen(address);
    }

    /** How many requests something was done to. */
    synchronized long disturbed() {
        return disturbed;
    }

    public int port() {
        return address.getPort();
    }

    /** What becomes of the next requests; of those behind them, what {@link #otherwise} says. */
    synchronized void next(Fault... faults) {
        next.addAll(List.of(faults));
    }

    /** What becomes of all requests from now on. */
    public synchronized void otherwise(Fault fault) {
        otherwise = fault;
    }

    /** The methods of the requests so far. */
    synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void accept(ServerSocket listening) {
        try {
            while (true) {
                Socket client = listening.accept();
                open.add(client);
                Thread worker = new Thread(() -> serve(client), "faulty-proxy-request");
                worker.setDaemon(true);
                worker.start();
            }
        } catch (IOException e) {
            // Closed.
            return;
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            byte[] head = readHead(in);
            if (head.length == 0) {
                return;
            }
            byte[] body = in.readNBytes(length(head));
            Fault fault = take(head);
            if (fault == Fault.UNAVAILABLE) {
                client.getOutputStream().write(SLOW_DOWN);
            } else if (fault == Fault.RESET_BEFORE) {
                client.setSoLinger(true, 0);
            } else {
                if (fault == Fault.SLOW) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SLOW_MS));
                }
                answer(client, fault, passOn(head, fault == Fault.DAMAGED_REQUEST ? damaged(body, 0) : body));
            }
        } catch (IOException e) {
            // The client went away, as it does after a time-out.
            return;
        } finally {
            open.remove(client);
        }
    }

    private synchronized Fault take(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        requests.add(text.substring(0, text.indexOf(' ')));
        Fault planned = next.poll();
        Fault fault = planned == null ? otherwise : planned;
        disturbed += fault == Fault.NONE ? 0 : 1;
        return fault;
    }

    private byte[] passOn(byte[] head, byte[] body) throws IOException {
        try (Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort)) {
            OutputStream out = target.getOutputStream();
            String asked = new String(head, StandardCharsets.ISO_8859_1)
                    .replaceAll("(?i)\r\nconnection: [^\r]*", "")
                    .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
            out.write(asked.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
            out.flush();
            return target.getInputStream().readAllBytes();
        }
    }

    private static void answer(Socket client, Fault fault, byte[] answer) throws IOException {
        OutputStream out = client.getOutputStream();
        int bodyAt = new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        switch (fault) {
            case RESET_AFTER -> client.setSoLinger(true, 0);
            case SILENCE -> client.getInputStream().read();
            case CUT_ANSWER -> out.write(answer, 0, bodyAt + (answer.length - bodyAt) / 2);
            case DAMAGED_ANSWER -> out.write(damaged(answer, bodyAt));
            case NONE, SLOW, DAMAGED_REQUEST -> out.write(answer);
            case UNAVAILABLE, RESET_BEFORE -> throw new AssertionError(fault);
        }
    }

    private static byte[] damaged(byte[] bytes, int from) {
        byte[] copy = bytes.clone();
        copy[from + (bytes.length - from) / 2] ^= 1;
        return copy;
    }

    private static byte[] readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            last = last << 8 | b;
            if (last == 0x0d0a0d0a) {
                return head.toByteArray();
            }
        }
        return new byte[0];
    }

    private static int length(byte[] head) {
        Matcher length = LENGTH.matcher(new String(head, StandardCharsets.ISO_8859_1));
        return length.find() ? Integer.parseInt(length.group(1)) : 0;
    }
}
