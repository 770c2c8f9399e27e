package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the pages about the events, {@code events/*.md}, agree with the codec and the schemas. */
class EventPagesTest {
    private static final Path FOLDER = Path.of("events");
    private static final Pattern HEADERS = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);
    private static final Pattern VALUE = Pattern.compile("```json\n(.*?)\n```", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("^\\| `(\\w+)` \\| (yes|no) \\|", Pattern.MULTILINE);

    /** A field of an event. */
    private record Field(String name, boolean isRequired) {}

    static List<Path> pages() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.filter(file -> !file.endsWith("README.md")).sorted().toList();
        }
    }

    @Test
    void eachEventHasAPage() throws IOException {
        var types = new ArrayList<String>();
        for (var page : pages()) types.add(typeOf(page));
        var expected = EventCodecTest.EVENTS.stream().map(EventCodec::type).distinct();

        assertThat(types).containsExactlyInAnyOrderElementsOf(expected.toList());
        assertThat(types).hasSameSizeAs(Event.class.getPermittedSubclasses());
    }

    @Test
    void theOverviewLinksToEachPage() throws IOException {
        var overview = Files.readString(FOLDER.resolve("README.md"));
        for (var page : pages()) assertThat(overview).contains("](" + page.getFileName() + ")");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theExampleIsWhatTheCodecWrites(Path page) throws Exception {
        var headers = headers(page);
        var value = only(VALUE, page);

        var decoded = EventCodec.decode(headers, value.getBytes(UTF_8));

        assertThat(EventCodec.type(decoded.event())).isEqualTo(typeOf(page));
        assertThat(headers).isEqualTo(EventCodec.headers(decoded.event(), decoded.source()));
        assertThat(new String(EventCodec.value(decoded.event()), UTF_8)).isEqualTo(value);
        assertThat(EventSchemas.problems(typeOf(page), value.getBytes(UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theFieldsAreThoseOfTheSchema(Path page) throws IOException {
        var fields = FIELD.matcher(Files.readString(page)).results()
                .map(row -> new Field(row.group(1), row.group(2).equals("yes")));

        assertThat(fields).containsExactlyInAnyOrderElementsOf(fieldsOfSchema(typeOf(page)));
    }

    private static List<Field> fieldsOfSchema(String type) throws IOException {
        try (var in = Objects.requireNonNull(Event.class.getResourceAsStream("/schemas/" + type + ".json"))) {
            var schema = Json.MAPPER.readTree(in);
            var required = schema.get("required").valueStream().map(JsonNode::textValue).toList();
            return schema.get("properties").propertyStream().map(Map.Entry::getKey)
                    .map(name -> new Field(name, required.contains(name))).toList();
        }
    }

    private static Map<String, String> headers(Path page) throws IOException {
        var headers = new LinkedHashMap<String, String>();
        only(HEADERS, page).lines().map(line -> line.split(": ", 2)).forEach(line -> headers.put(line[0], line[1]));
        return headers;
    }

    private static String typeOf(Path page) {
        return "io.rejoin." + page.getFileName().toString().replaceFirst("\\.md$", "") + ".v1";
    }

    private static String only(Pattern block, Path page) throws IOException {
        var found = Stream.of(Files.readString(page)).flatMap(text -> block.matcher(text).results()).toList();
        assertThat(found).as(page.toString()).hasSize(1);
        return found.getFirst().group(1);
    }
}
