package io.rejoin.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The Kubernetes objects of a rendered chart. */
record Manifests(List<JsonNode> all) {
    static final List<String> COMPONENTS = List.of("edge", "router", "history");

    Manifests {
        all = List.copyOf(all);
    }

    static Manifests of(String yaml) {
        try (var documents = Chart.YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
            return new Manifests(documents.readAll().stream().filter(JsonNode::isObject).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<JsonNode> kind(String kind) {
        return all.stream().filter(one -> one.path("kind").asText().equals(kind)).toList();
    }

    /** The only object of this kind that belongs to a component. */
    JsonNode one(String kind, String component) {
        var found = kind(kind).stream().filter(one -> component(one).equals(component)).toList();
        if (found.size() != 1) throw new AssertionError(found.size() + " of " + kind + " of " + component);
        return found.getFirst();
    }

    static String component(JsonNode object) {
        return object.path("metadata").path("labels").path("app.kubernetes.io/component").asText();
    }

    /** The specs of all pods: those of Deployments, and that of {@code helm test}. */
    List<JsonNode> pods() {
        return Stream.concat(kind("Deployment").stream().map(one -> one.at("/spec/template/spec")),
                kind("Pod").stream().map(one -> one.path("spec"))).toList();
    }

    JsonNode pod(String component) {
        return one("Deployment", component).at("/spec/template/spec");
    }

    JsonNode container(String component) {
        return pod(component).at("/containers/0");
    }

    /** An environment variable of a component's container; a missing node if there is none. */
    JsonNode variable(String component, String name) {
        return stream(container(component).path("env")).filter(one -> one.path("name").asText().equals(name))
                .findFirst()
                .orElseGet(() -> Chart.YAML.missingNode());
    }

    /**
     * The environment variables of a component's container. A value from a Secret or a field is replaced by a valid
     * dummy text.
     */
    TreeMap<String, String> environment(String component) {
        var environment = new TreeMap<String, String>();
        for (var variable : container(component).path("env")) {
            var value = variable.has("value") ? variable.path("value").asText() : "0123456789abcdef0123456789abcdef";
            environment.put(variable.path("name").asText(), value);
        }
        return environment;
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
