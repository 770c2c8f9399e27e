package io.rejoin.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import net.logstash.logback.composite.AbstractJsonProvider;
import org.jspecify.annotations.Nullable;

/**
 * Writes the key-values of a log event as a JSON object: {@code "data":{"room":"default/lobby","seq":7}}. Integers and
 * booleans keep their type. Every other value is written as its {@code toString()}, which hides the secrets of a
 * configuration.
 */
public final class KeyValues extends AbstractJsonProvider<ILoggingEvent> {
    @Override
    public void writeTo(JsonGenerator generator, ILoggingEvent event) throws IOException {
        var pairs = event.getKeyValuePairs();
        if (pairs == null || pairs.isEmpty()) return;
        generator.writeObjectFieldStart("data");
        for (var pair : pairs) {
            generator.writeFieldName(pair.key);
            write(generator, pair.value);
        }
        generator.writeEndObject();
    }

    private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> generator.writeNull();
            case Boolean truth -> generator.writeBoolean(truth);
            case Integer number -> generator.writeNumber(number);
            case Long number -> generator.writeNumber(number);
            default -> generator.writeString(value.toString());
        }
    }
}
