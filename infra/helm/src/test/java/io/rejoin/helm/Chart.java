package io.rejoin.helm;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Renders the chart with Helm. Values are a set of {@code rejoin/ci}, and further values as YAML that override the set.
 */
final class Chart {
    static final Path FOLDER = Path.of("rejoin");
    static final YAMLMapper YAML = new YAMLMapper();
    /**
     * A copy of the chart in which the pod of {@code helm test} is an ordinary object, because Helm's library omits
     * hooks.
     */
    private static final Path WITH_TEST = withTest();
    private static final String KUBERNETES = "1.33.0";

    private Chart() {}

    /** The names of all sets of values, such as {@code minimal}. */
    static List<String> sets() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("ci"))) {
            return files.map(file -> file.toFile().getName().replace("-values.yaml", "")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The manifests that Helm would send to Kubernetes.
     *
     * @throws IllegalStateException with Helm's message, if Helm refuses the values
     */
    static Manifests render(String set, String... further) {
        return render(WITH_TEST, set, further);
    }

    private static Path withTest() {
        try {
            var folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "chart");
            copyTo(folder);
            var pod = folder.resolve("templates/tests/health.yaml");
            var text = Files.readString(pod);
            var plain = text.replace("helm.sh/hook: test", "example.com/no-hook: test");
            if (plain.equals(text)) throw new AssertionError("no hook in " + pod);
            Files.writeString(pod, plain);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Renders the chart in another folder. */
    static Manifests render(Path folder, String set, String... further) {
        var values = YAML.createObjectNode();
        merge(values, read(FOLDER.resolve("ci/" + set + "-values.yaml")));
        for (var more : further) merge(values, parse(more));
        var file = temporary(values);
        return Manifests.of(new Helm(folder).template().withName("rejoin").withNamespace("rooms")
                .withKubeVersion(KUBERNETES).withValuesFile(file).call());
    }

    /**
     * The result of {@code helm lint --strict} with a set. Helm's library takes no values for lint, so the set is
     * merged into a copy of the chart.
     *
     * @param folder an empty folder for the copy
     */
    static LintResult lint(String set, Path folder) {
        copyTo(folder);
        var values = (ObjectNode) read(FOLDER.resolve("values.yaml"));
        merge(values, read(FOLDER.resolve("ci/" + set + "-values.yaml")));
        write(folder.resolve("values.yaml"), text(values));
        return new Helm(folder).lint().strict().call();
    }

    /** Copies the chart into an empty folder. */
    static void copyTo(Path folder) {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var copy = folder.resolve(FOLDER.relativize(file));
                Files.createDirectories(requireNonNull(copy.getParent()));
                Files.copy(file, copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode read(Path file) {
        try {
            return YAML.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, String text) {
        try {
            Files.createDirectories(requireNonNull(file.getParent()));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parse(String yaml) {
        try {
            return YAML.readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(JsonNode values) {
        try {
            return YAML.writeValueAsString(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporary(JsonNode values) {
        try {
            var file = Files.createTempFile("values", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text(values));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Merges like Helm: objects are merged, other values are replaced. */
    private static void merge(ObjectNode into, JsonNode from) {
        for (var field : from.properties()) {
            if (into.get(field.getKey()) instanceof ObjectNode inner && field.getValue().isObject())
                merge(inner, field.getValue());
            else
                into.set(field.getKey(), field.getValue().deepCopy());
        }
    }
}
