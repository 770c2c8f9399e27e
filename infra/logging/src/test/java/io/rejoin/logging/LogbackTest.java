package io.rejoin.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LogbackTest {
    /** A value with a secret, which its text does not show. */
    private record Config(String secret) {
        @Override
        public String toString() {
            return "Config[secret=***]";
        }
    }

    @Test
    void aLineOfJsonHasTheFieldsThatAreDocumented() throws Exception {
        var line = json(log -> log.atInfo().addKeyValue("room", "default/\"lobby\"\n").addKeyValue("seq", 7L)
                .addKeyValue("shards", 3).addKeyValue("full", true).addKeyValue("nothing", (Object) null)
                .addKeyValue("level", "not the line's").addKeyValue("config", new Config("s3cret"))
                .log("edge serves"));

        assertThat(line.properties()).extracting(field -> field.getKey()).containsExactly("time", "level", "service",
                "logger", "thread", "message", "data");
        assertThat(Instant.parse(line.get("time").textValue())).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
        assertThat(line.get("time").textValue()).endsWith("Z");
        assertThat(line.get("level").textValue()).isEqualTo("INFO");
        assertThat(line.get("service").textValue()).isEqualTo("edge");
        assertThat(line.get("logger").textValue()).isEqualTo("io.rejoin.Tried");
        assertThat(line.get("message").textValue()).isEqualTo("edge serves");
        assertThat(line.get("data").toString())
                .isEqualTo("{\"room\":\"default/\\\"lobby\\\"\\n\",\"seq\":7,\"shards\":3,"
                        + "\"full\":true,\"nothing\":null,\"level\":\"not the line's\",\"config\":\"Config[secret=***]\"}");
    }

    @Test
    void aFailureBringsItsStackTraceInTheSameLine() throws Exception {
        var line = json(log -> log.atError().setCause(new IllegalStateException("broken")).log("it failed"));
        assertThat(line.get("error").textValue()).startsWith("java.lang.IllegalStateException: broken")
                .contains("\tat ");
        assertThat(line.has("data")).isFalse();
    }

    @Test
    void textIsOneLineForPeople() throws Exception {
        var said = said("text", log -> log.atWarn().addKeyValue("room", "lobby").log("slow"));
        assertThat(said).singleElement().asString()
                .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  Tried  slow room=\"lobby\"");
    }

    @Test
    void lessThanTheLevelIsNotSaid() throws Exception {
        assertThat(said("json", log -> log.debug("nothing"))).isEmpty();
    }

    private static JsonNode json(Consumer<Logger> event) throws JoranException, IOException {
        var lines = said("json", event);
        assertThat(lines).hasSize(1);
        return new ObjectMapper().readTree(lines.getFirst());
    }

    /** The lines that the configuration of the services writes to standard error. */
    private static List<String> said(String format, Consumer<Logger> event) throws JoranException {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        context.putProperty("rejoin.log", "INFO");
        context.putProperty("rejoin.log.format", format);
        context.putProperty("rejoin.service", "edge");
        var written = new ByteArrayOutputStream();
        var before = System.err;
        System.setErr(new PrintStream(written, true, UTF_8));
        try {
            var configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(LogbackTest.class.getResource("/logback.xml"));
            assertThat(context.getStatusManager().getCopyOfStatusList()).as("what is wrong is printed at each start")
                    .allMatch(status -> status.getLevel() == Status.INFO);
            event.accept(context.getLogger("io.rejoin.Tried"));
            context.stop();
        } finally {
            System.setErr(before);
        }
        return written.toString(UTF_8).lines().toList();
    }
}
