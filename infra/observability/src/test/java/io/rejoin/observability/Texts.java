package io.rejoin.observability;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The paths of all files under test, and methods to read them. */
final class Texts {
    static final Path ALERTS = Path.of("../helm/rejoin/observability/alerts.yaml");
    static final Path DASHBOARDS = Path.of("../helm/rejoin/observability/dashboards");
    static final Path RUNBOOK = Path.of("../RUNBOOK.md");
    static final Path METRICS = Path.of("README.md");
    static final Path CASES = Path.of("cases.yaml");
    /** Recorded metrics. The second file is from an edge that uses TLS. */
    static final List<Path> RECORDED = List.of(Path.of("recorded/healthy.series"), Path.of("recorded/tls.series"));
    static final YAMLMapper YAML = new YAMLMapper();

    private Texts() {}

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode tree(Path file) {
        try {
            return YAML.readTree(read(file)); // every JSON text is also YAML
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The alerts, in the order of the file. */
    static List<JsonNode> alerts() {
        return stream(tree(ALERTS).path("groups")).flatMap(group -> stream(group.path("rules"))).toList();
    }

    /** All dashboards. */
    static List<JsonNode> dashboards() {
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            return files.sorted().map(Texts::tree).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The queries of all panels, by dashboard and panel title. */
    static Map<String, List<String>> panels() {
        var queries = new TreeMap<String, List<String>>();
        for (var dashboard : dashboards()) {
            for (var panel : dashboard.path("panels")) {
                for (var target : panel.path("targets"))
                    queries.computeIfAbsent(dashboard.path("title").asText() + ", " + panel.path("title").asText(),
                            _ -> new ArrayList<>()).add(target.path("expr").asText());
            }
        }
        return queries;
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
