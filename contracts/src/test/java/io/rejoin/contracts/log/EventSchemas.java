package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/** Validates values against the published event schemas, for tests. */
public final class EventSchemas {
    private EventSchemas() {}

    /** Validates a value against the schema of an event type. Returns the problems; empty if the value is valid. */
    public static List<String> problems(String type, byte[] value) {
        var registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        var schema = registry.getSchema(SchemaLocation.of("classpath:schemas/" + type + ".json"));
        return schema.validate(new String(value, UTF_8), InputFormat.JSON).stream().map(Object::toString).toList();
    }
}
