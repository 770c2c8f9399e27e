package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Two edges behind nginx and HAProxy, configured as in the first pages of their manuals: {@code infra/proxies}. */
@EnabledIfSystemProperty(named = "rejoin.proxies", matches = "true", disabledReason = "takes minutes, and two packages")
class ProxiesIT {
    /** Longer than twice the proxies' timeouts of 50 s and 60 s. */
    private static final Duration IDLE = Duration.ofSeconds(131);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(20);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Cluster cluster = Cluster.shared();
    private final List<Integer> ports = List.of(Cluster.freePort(), Cluster.freePort());
    private final List<ServiceProcess> edges = new ArrayList<>();
    private final List<Process> proxies = new ArrayList<>();
    private final int nginx = Cluster.freePort();
    private final int haproxy = Cluster.freePort();

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        for (var n = 0; n < 2; n++)
            edges.add(cluster.edge("behind-" + n, ports.get(n), Map.of("EDGE_DRAIN_DELAY", "PT5S")));
        for (var port : ports) awaitWell(port);
        var ofNginx = Files.writeString(folder.resolve("nginx.conf"), nginx(folder));
        var ofHaproxy = Files.writeString(folder.resolve("haproxy.cfg"), haproxy());
        run(folder, "nginx", "-e", "stderr", "-c", ofNginx.toString());
        run(folder, "haproxy", "-f", ofHaproxy.toString());
        awaitWell(nginx);
        awaitWell(haproxy);
    }

    @AfterEach
    void stop() {
        proxies.forEach(Process::destroy);
        edges.forEach(ServiceProcess::close);
    }

    @Test
    void peopleChatAndStaySilentForMinutesAndChatAgain() throws Exception {
        try (var ann = Client.connect(uri(nginx, "/ws/silence?name=ann"));
                var ben = Client.connect(uri(haproxy, "/ws/silence?name=ben"))) {
            ann.await("join_ack");
            ben.await("join_ack");
            ann.post("silence", "m1", "before");
            for (var each : List.of(ann, ben)) each.await(frame -> frame.path("text").asText().equals("before"));
            Thread.sleep(IDLE); // the test is about this silence
            assertThat(List.of(ann.isOpen(), ben.isOpen())).containsOnly(true);
            ben.post("silence", "m2", "after");
            for (var each : List.of(ann, ben)) each.await(frame -> frame.path("text").asText().equals("after"));
            assertThat(ann.frames("join_ack")).hasSize(1);
        }
    }

    @Test
    void aDrainedEdgeCostsNoConnectionAttemptBehindEither() throws Exception {
        for (var port : List.of(haproxy, nginx)) {
            var attempts = new Attempts(port);
            try (var going = Executors.newVirtualThreadPerTaskExecutor()) {
                var running = going.submit(attempts);
                await().atMost(Cluster.PATIENCE).until(() -> attempts.opened.get() > 50);
                var before = attempts.opened.get();
                assertThat(edges.getFirst().terminate(Duration.ofSeconds(60))).isTrue();
                await().atMost(Cluster.PATIENCE).until(() -> attempts.opened.get() > before + 200);
                attempts.end(running);
            }
            System.out.println(
                    "port " + port + ": " + attempts.opened + " connections opened while an edge drained, refused: "
                            + attempts.refused);
            assertThat(attempts.refused).isEmpty();
            edges.getFirst().restart();
            awaitWell(ports.getFirst());
        }
    }

    private String nginx(Path folder) {
        return """
            daemon off;
            worker_processes 1;
            pid %1$s/nginx.pid;
            events {}
            http {
              access_log off;
              client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy; fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
              upstream rejoin_edges { server 127.0.0.1:%3$d; server 127.0.0.1:%4$d; }
              server {
                listen 127.0.0.1:%2$d;
                location / {
                  proxy_pass http://rejoin_edges;
                  proxy_http_version 1.1;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection "upgrade";
                  proxy_next_upstream error timeout http_503;
                }
                location /health { proxy_pass http://rejoin_edges; }
              }
            }
            """.formatted(folder, nginx, ports.get(0), ports.get(1));
    }

    private String haproxy() {
        return """
            defaults
              mode http
              timeout connect 5s
              timeout client 50s
              timeout server 50s
            frontend door
              bind 127.0.0.1:%1$d
              default_backend rejoin_edges
            backend rejoin_edges
              option httpchk GET /health/ready
              default-server check inter 1s
              server a 127.0.0.1:%2$d
              server b 127.0.0.1:%3$d
            """.formatted(haproxy, ports.get(0), ports.get(1));
    }

    /** Opens one connection after the other and closes each at once. */
    private static final class Attempts implements Runnable {
        private final URI uri;
        private final AtomicInteger opened = new AtomicInteger();
        private final Queue<String> refused = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean ended = new AtomicBoolean();

        Attempts(int port) {
            this.uri = uri(port, "/ws/door?name=guest");
        }

        @Override
        public void run() {
            while (!ended.get()) {
                try (var _ = Client.connect(uri)) {
                    opened.incrementAndGet();
                    Thread.sleep(BETWEEN_ATTEMPTS);
                } catch (CompletionException e) {
                    refused.add(String.valueOf(e.getCause()));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        void end(Future<?> running) throws Exception {
            ended.set(true);
            running.get();
        }
    }

    private void run(Path folder, String... command) throws IOException {
        var log = folder.resolve(command[0] + ".log").toFile();
        proxies.add(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start());
    }

    private static void awaitWell(int port) {
        await().atMost(Cluster.PATIENCE).ignoreExceptions().until(() -> health(port) == 200);
    }

    private static int health(int port) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready")).build();
        return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static URI uri(int port, String pathAndQuery) {
        return URI.create("ws://127.0.0.1:" + port + pathAndQuery);
    }
}
