package io.rejoin.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The published AsyncAPI document, with queries for tests. */
final class AsyncApi {
    private static final String ID = "urn:rejoin:asyncapi";

    private final JsonNode document;
    private final SchemaRegistry registry;

    /** One message of the document: its name and its description. */
    record Message(String name, JsonNode description) {
        /** The value that the field {@code event} must have in this message's payload. */
        String event() {
            return description.at("/payload/properties/event/const").textValue();
        }

        List<JsonNode> examples() {
            return description.path("examples").valueStream().toList();
        }

        List<String> fields() {
            return description.at("/payload/properties").propertyStream().map(Map.Entry::getKey).toList();
        }
    }

    AsyncApi() throws IOException {
        try (var in = Objects.requireNonNull(AsyncApi.class.getResourceAsStream("/asyncapi.yaml"))) {
            document = new YAMLMapper().readTree(in);
        }
        registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(Map.of(ID, document.toString())));
    }

    JsonNode at(String pointer) {
        return document.at(pointer);
    }

    /** The messages of a channel, in order. */
    List<Message> ofChannel(String channel) {
        return resolve(document.at("/channels/" + channel + "/messages").valueStream());
    }

    /** The messages of an operation, in order. */
    List<Message> ofOperation(String operation) {
        return resolve(document.at("/operations/" + operation + "/messages").valueStream()
                .map(reference -> document.at(reference.get("$ref").textValue().substring(1))));
    }

    private List<Message> resolve(Stream<JsonNode> references) {
        return references.map(reference -> reference.get("$ref").textValue().substring(1)).map(
                pointer -> new Message(pointer.substring(pointer.lastIndexOf('/') + 1), document.at(pointer))).toList();
    }

    /** Validates a payload against the schema of a message. Returns the problems; empty if the payload is valid. */
    List<String> problems(Message message, String payload) {
        var schema = registry.getSchema(SchemaLocation.of(ID + "#/components/messages/" + message.name() + "/payload"));
        return schema.validate(payload, InputFormat.JSON).stream().map(Object::toString).toList();
    }

    /** Every {@code $ref} whose target does not exist. */
    List<String> brokenReferences() {
        return document.findValuesAsText("$ref").stream().filter(reference -> !leadsSomewhere(reference)).toList();
    }

    private boolean leadsSomewhere(String reference) {
        if (reference.startsWith("#")) return !document.at(reference.substring(1)).isMissingNode();
        return AsyncApi.class.getResource("/" + reference.substring(2)) != null;
    }
}
