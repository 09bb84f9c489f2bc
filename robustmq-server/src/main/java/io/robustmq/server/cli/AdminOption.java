package io.robustmq.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The node whose admin HTTP is asked, and who asks. */
final class AdminOption {
    private static final int TIMEOUT_MS = 10_000;
    /** A change of the voters waits for the node that is to vote. */
    private static final int CHANGE_TIMEOUT_MS = 60_000;

    private static final int STORE_TIMEOUT_MS = 3_600_000;

    @Option(names = "--admin", paramLabel = "HOST:PORT", defaultValue = "localhost:58080")
    @SuppressWarnings("NullAway.Init")
    private String admin;

    @Mixin
    private LoginOption login = new LoginOption();

    JsonNode get(String path) throws IOException {
        return call("GET", path);
    }

    /** What may have to read a store through. */
    JsonNode getPatiently(String path) throws IOException {
        return call("GET", path, STORE_TIMEOUT_MS);
    }

    /** What the node answers; throws CommandException with its own words when it refuses. */
    JsonNode call(String method, String path) throws IOException {
        return call(method, path, method.equals("GET") ? TIMEOUT_MS : CHANGE_TIMEOUT_MS);
    }

    private JsonNode call(String method, String path, int timeoutMs) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create("http://" + admin + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(TIMEOUT_MS);
        connection.setReadTimeout(timeoutMs);
        login.login().ifPresent(as -> connection.setRequestProperty("Authorization", basic(as)));
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
            throw new CommandException("the node refuses: log in with --user and --password-file");
        }
        if (status >= HttpURLConnection.HTTP_BAD_REQUEST) {
            throw new CommandException("the node refuses: " + error(connection));
        }
        try (InputStream body = connection.getInputStream()) {
            return new ObjectMapper().readTree(body);
        }
    }

    private static String basic(LoginOption.Login as) {
        byte[] pair = (as.user() + ":" + as.password()).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    private String error(HttpURLConnection connection) throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            JsonNode answer = body == null ? MissingNode.getInstance() : new ObjectMapper().readTree(body);
            String sentence = answer.path("error").asText();
            return sentence.isEmpty() ? "http://" + admin + " is not the admin port of a node" : sentence;
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
