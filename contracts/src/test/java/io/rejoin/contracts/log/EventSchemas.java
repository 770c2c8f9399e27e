package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/** The published schemas, as a test can hold values against them. */
public final class EventSchemas {
    private EventSchemas() {}

    /** What a validator has against a value of that event type; empty if it fits. */
    public static List<String> problems(String type, byte[] value) {
        var registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        var schema = registry.getSchema(SchemaLocation.of("classpath:schemas/" + type + ".json"));
        return schema.validate(new String(value, UTF_8), InputFormat.JSON).stream().map(Object::toString).toList();
    }
}
