package io.rejoin.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The content of a service's metrics page, parsed as Prometheus parses it.
 *
 * @param samples values by name and labels, as in the page: {@code name{a="b",service="edge"}}
 * @param help    description of each family, by name
 */
public record Scraped(Map<String, Double> samples, Map<String, String> help) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String HELP = "# HELP ";

    public Scraped {
        samples = Map.copyOf(samples);
        help = Map.copyOf(help);
    }

    /** Reads the page of the service that listens on that port of this machine. */
    public static Scraped from(int port) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .timeout(Duration.ofSeconds(60));
        try {
            var response = HTTP.send(request.build(), BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            return of(response.body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static Scraped of(String page) {
        var samples = new LinkedHashMap<String, Double>();
        var help = new LinkedHashMap<String, String>();
        for (var line : page.split("\n", -1)) {
            if (line.startsWith(HELP)) {
                var words = line.substring(HELP.length()).split(" ", 2);
                help.put(words[0], words.length > 1 ? words[1] : "");
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                var blank = line.lastIndexOf(' ');
                samples.put(line.substring(0, blank), Double.parseDouble(line.substring(blank + 1)));
            }
        }
        return new Scraped(samples, help);
    }

    /** The sum of all samples with that name and these labels, each {@code key="value"}; 0 if there is none. */
    public double sum(String name, String... labels) {
        return samples.entrySet().stream().filter(sample -> isOf(sample.getKey(), name))
                .filter(sample -> Arrays.stream(labels).allMatch(sample.getKey()::contains))
                .mapToDouble(Map.Entry::getValue).sum();
    }

    /** The names of all samples. */
    public Set<String> names() {
        return samples.keySet().stream().map(sample -> sample.split("\\{", 2)[0]).collect(Collectors.toSet());
    }

    /**
     * Checks the rules for every service: the JVM's meters are present, all samples have the tag {@code service}, and
     * all families have a description.
     */
    public void check(String service) {
        assertThat(names()).contains("jvm_memory_used_bytes", "jvm_threads_live_threads", "process_cpu_usage",
                "process_files_open_files", "process_uptime_seconds").anyMatch(name -> name.startsWith("jvm_gc_"));
        assertThat(samples.keySet()).allMatch(sample -> sample.contains("service=\"" + service + "\""));
        help.forEach((name, text) -> assertThat(text).as(name).isNotBlank());
    }

    private static boolean isOf(String sample, String name) {
        return sample.startsWith(name + "{");
    }
}
