package io.robustmq.storage.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.robustmq.storage.s3.FaultyHttpProxy.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * {@link S3Server} behind {@link FaultyHttpProxy} as a process, which ends when its standard input does. Arguments: address and port to listen at.
 * It prints where it is told what to do: a request {@code /FAULT} or {@code /AWAY}, answered by how many requests were disturbed so far.
 */
public final class S3Program {
    private static final String AWAY = "AWAY";

    private final FaultyHttpProxy proxy;
    private boolean away;

    private S3Program(FaultyHttpProxy proxy) {
        this.proxy = proxy;
    }

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        S3Server server = new S3Server();
        S3Program program = new S3Program(new FaultyHttpProxy(server.port(), address));
        HttpServer control = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        control.createContext("/", program::told);
        control.start();
        System.out.println("control=" + control.getAddress().getPort() + ";");
        boolean isOpen = true;
        while (isOpen) {
            isOpen = System.in.read() >= 0;
        }
        System.exit(0);
    }

    private void told(HttpExchange exchange) throws IOException {
        String what = exchange.getRequestURI().getPath().substring(1);
        if (what.equals(AWAY)) {
            proxy.goAway();
            away = true;
        } else {
            proxy.otherwise(Fault.valueOf(what));
            if (away) {
                proxy.comeBack();
                away = false;
            }
        }
        byte[] answer = Long.toString(proxy.disturbed()).getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }
}
