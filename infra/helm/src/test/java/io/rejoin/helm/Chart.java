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

/** The chart, and Helm. Values are a set of {@code rejoin/ci} and further ones over it, as YAML. */
final class Chart {
    static final Path FOLDER = Path.of("rejoin");
    static final YAMLMapper YAML = new YAMLMapper();
    /** The chart with the pod of {@code helm test} as an object like others, since Helm's library leaves hooks out. */
    private static final Path WITH_TEST = withTest();
    private static final String KUBERNETES = "1.33.0";

    private Chart() {}

    /** The names of all sets, such as {@code minimal}. */
    static List<String> sets() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("ci"))) {
            return files.map(file -> file.toFile().getName().replace("-values.yaml", "")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What Helm would give to Kubernetes.
     *
     * @throws IllegalStateException with what Helm says, if it refuses the values
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

    /** The same of another folder. */
    static Manifests render(Path folder, String set, String... further) {
        var values = YAML.createObjectNode();
        merge(values, read(FOLDER.resolve("ci/" + set + "-values.yaml")));
        for (var more : further) merge(values, parse(more));
        var file = temporary(values);
        return Manifests.of(new Helm(folder).template().withName("rejoin").withNamespace("rooms")
                .withKubeVersion(KUBERNETES).withValuesFile(file).call());
    }

    /** What {@code helm lint --strict} says with a set; its library takes no values, so the set becomes the chart's own. */
    static LintResult lint(String set, Path folder) {
        copyTo(folder);
        var values = (ObjectNode) read(FOLDER.resolve("values.yaml"));
        merge(values, read(FOLDER.resolve("ci/" + set + "-values.yaml")));
        write(folder.resolve("values.yaml"), text(values));
        return new Helm(folder).lint().strict().call();
    }

    /** Copies the chart into a folder that is empty. */
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

    /** As Helm merges: objects into each other, all else replaces. */
    private static void merge(ObjectNode into, JsonNode from) {
        for (var field : from.properties()) {
            if (into.get(field.getKey()) instanceof ObjectNode inner && field.getValue().isObject())
                merge(inner, field.getValue());
            else
                into.set(field.getKey(), field.getValue().deepCopy());
        }
    }
}
