package io.rejoin.edge.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A server that publishes keys. A test can make it slow, wrong or unreachable. */
public final class KeyServer implements AutoCloseable {
    private final AtomicInteger requestCount = new AtomicInteger();
    private volatile byte[] body = {};
    private volatile int status = 200;
    private volatile Duration delay = Duration.ZERO;
    private volatile HttpServer server;

    public KeyServer(JWK... keys) {
        publish(keys);
        server = open(0);
    }

    private HttpServer open(int port) {
        try {
            var opened = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            opened.createContext("/jwks", this::answer);
            opened.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            opened.start();
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        requestCount.incrementAndGet();
        var sent = body;
        LockSupport.parkNanos(delay.toNanos());
        exchange.sendResponseHeaders(status, sent.length);
        exchange.getResponseBody().write(sent);
        exchange.close();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
    }

    /** How many requests the server got. */
    public int requestCount() {
        return requestCount.get();
    }

    /** Publishes the public parts of these keys from now on. */
    public void publish(JWK... keys) {
        publish(200, new JWKSet(List.of(keys)).toString(true));
    }

    public void publish(int answer, String text) {
        body = text.getBytes(UTF_8);
        status = answer;
    }

    public void setDelay(Duration by) {
        delay = by;
    }

    public void stop() {
        server.stop(0);
    }

    public void restart() {
        server = open(server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
