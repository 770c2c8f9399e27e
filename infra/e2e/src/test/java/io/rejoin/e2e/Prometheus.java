package io.rejoin.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A Prometheus process that scrapes processes of this machine once a second. It must be installed. */
final class Prometheus implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = Cluster.freePort();
    private final Process process;

    /** @param targets ports by service; instances are named like pods, by service and number */
    Prometheus(Path folder, Path rules, Map<String, List<Integer>> targets) throws IOException {
        var jobs = targets.entrySet().stream().map(job -> """
                  - job_name: rejoin-%s
                    static_configs: [%s]
                """.formatted(job.getKey(), IntStream.rangeClosed(1, job.getValue().size())
                .mapToObj(n -> "{targets: ['127.0.0.1:%d'], labels: {instance: rejoin-%s-%d}}"
                        .formatted(job.getValue().get(n - 1), job.getKey(), n))
                .collect(Collectors.joining(", ")))).collect(Collectors.joining());
        var config = Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s}
                rule_files: ['%s']
                scrape_configs:
                %s""".formatted(rules.toAbsolutePath(), jobs));
        process = new ProcessBuilder("prometheus", "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"), "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true).redirectOutput(folder.resolve("prometheus.log").toFile()).start();
        await().atMost(Cluster.PATIENCE).ignoreExceptions().until(() -> get("/-/ready").statusCode() == 200);
    }

    /** The present result of an expression: series, each with {@code metric} and {@code value}. */
    JsonNode query(String expression) {
        return data("/api/v1/query?query=" + encoded(expression)).path("result");
    }

    /** The result of an expression over the time before now, with a value every {@code step} seconds. */
    JsonNode range(String expression, Duration length, int step) {
        var now = System.currentTimeMillis() / 1000;
        return range(expression, now - length.toSeconds(), now, step);
    }

    /** The result of an expression between two times in seconds since 1970, with a value every {@code step} seconds. */
    JsonNode range(String expression, long from, long to, int step) {
        return data("/api/v1/query_range?query=" + encoded(expression) + "&start=" + from + "&end=" + to + "&step="
                + step).path("result");
    }

    /** Its rules by group, with their state. */
    JsonNode rules() {
        return data("/api/v1/rules").path("groups");
    }

    private JsonNode data(String path) {
        try {
            var answer = JSON.readTree(get(path).body());
            if (!answer.path("status").asText().equals("success")) throw new AssertionError(path + ": " + answer);
            return answer.path("data");
        } catch (IOException e) {
            throw new AssertionError(path, e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroy();
        await().atMost(Cluster.PATIENCE).until(() -> !process.isAlive());
    }
}
