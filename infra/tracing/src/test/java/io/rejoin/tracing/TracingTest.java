package io.rejoin.tracing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.trace.SpanKind;
import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.env.Settings;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracingTest {
    private final RecordedTraces recorded = new RecordedTraces();
    private final Tracing tracing = recorded.tracing();

    @Test
    void aPostIsOneTraceFromProcessToProcess() {
        var post = tracing.begin("post");
        var sent = tracing.send("send rejoin.commands", post);
        var taken = tracing.receive("process rejoin.commands", sent.context()).from("rejoin.commands", 3, 17);
        taken.end();
        sent.end();
        post.end();

        var finished = recorded.spans();
        assertThat(finished).extracting(span -> span.getTraceId()).containsOnly(finished.getFirst().getTraceId());
        assertThat(finished).extracting(span -> span.getName() + " of " + span.getKind()).containsExactly(
                "process rejoin.commands of " + SpanKind.CONSUMER, "send rejoin.commands of " + SpanKind.PRODUCER,
                "post of " + SpanKind.SERVER);
        assertThat(finished.get(0).getParentSpanId()).isEqualTo(finished.get(1).getSpanId());
        assertThat(finished.get(1).getParentSpanId()).isEqualTo(finished.get(2).getSpanId());
        assertThat(finished.get(0).getAttributes().asMap().toString()).contains("rejoin.commands", "17", "kafka");
    }

    /** The case: a router without tracing is between an edge and a history with tracing. */
    @Test
    void whoDoesNotTraceHandsOnWhatIsTraced() {
        var post = tracing.begin("post");
        try (var off = Tracing.off()) {
            var between = off.receive("process rejoin.commands", post.context());
            var sent = off.send("send rejoin.events", between);

            assertThat(sent.context()).isEqualTo(post.context());
            assertThat(sent.isRecorded()).isFalse();
            assertThat(off.begin("post").isTraced()).isFalse();
        }
        post.end();
        assertThat(recorded.spans()).hasSize(1);
    }

    @Test
    void nothingFollowsFromWhatIsNotTraced() {
        assertThat(tracing.receive("process rejoin.commands", null)).isSameAs(Step.NONE);
        assertThat(tracing.send("send rejoin.commands", Step.NONE)).isSameAs(Step.NONE);
        Step.NONE.note("rejoin.room", "lobby").end();
        assertThat(recorded.spans()).isEmpty();
        assertThat(Step.NONE.context()).isNull();
    }

    @Test
    void aStepEndsOnce() {
        var step = tracing.begin("post");
        step.fail("TIMEOUT");
        step.end();

        assertThat(recorded.spans()).singleElement()
                .satisfies(span -> assertThat(span.getStatus().getDescription()).isEqualTo("TIMEOUT"));
    }

    @Test
    void entriesOfARecordKeepTheirContexts() {
        var headers = new RecordHeaders();
        var first = tracing.begin("post");
        var other = tracing.begin("post");
        TraceHeaders.put(headers, Map.of(0, first, 7, other, 9, Step.NONE));

        assertThat(TraceHeaders.ofEntries(headers))
                .isEqualTo(Map.of(0, String.valueOf(first.context()), 7, String.valueOf(other.context())));
        assertThat(TraceHeaders.of(headers)).isNull();

        TraceHeaders.put(headers, first);
        assertThat(TraceHeaders.of(headers)).isEqualTo(first.context());
    }

    @Test
    void aRecordBearsNoMoreThanSoMany() {
        var headers = new RecordHeaders();
        var steps = new HashMap<Integer, Step>();
        for (var i = 0; i < 1_000; i++) steps.put(i, tracing.begin("post"));
        TraceHeaders.put(headers, steps);
        for (var i = 0; i < 1_000; i++) headers.add("traceparent-" + (2_000 + i), new byte[]{'0'});

        assertThat(headers.toArray()).hasSize(TraceHeaders.MAX + 1_000);
        assertThat(TraceHeaders.ofEntries(headers)).hasSize(TraceHeaders.MAX);
    }

    /** Any producer can write such a header. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x", "00-0-0-01", "00-00000000000000000000000000000000-0000000000000000-01",
            "zz-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    void whatIsNoContextIsPassedOver(String text) {
        assertThat(tracing.receive("process rejoin.commands", text)).isSameAs(Step.NONE);
    }

    @Test
    void headersThatAreNoneArePassedOver() {
        var headers = new RecordHeaders();
        headers.add("traceparent-", "x".getBytes(US_ASCII));
        headers.add("traceparent-x", "x".getBytes(US_ASCII));
        headers.add("traceparent--1", "x".getBytes(US_ASCII));
        headers.add("traceparent-3", null);
        headers.add("traceparent-4", new byte[10_000]);

        assertThat(TraceHeaders.ofEntries(headers)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "0.01", "1e-3"})
    void aPartIsANumberUpToOne(String text) {
        var settings = new Settings(Map.of("REJOIN_TRACES", text));
        assertThat(TraceSettings.read(settings).part()).isEqualTo(Double.parseDouble(text));
        settings.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.1", "NaN", "1%", "all"})
    void anythingElseIsNamed(String text) {
        var settings = new Settings(Map.of("REJOIN_TRACES", text));
        assertThat(TraceSettings.read(settings)).isEqualTo(TraceSettings.OFF);
        assertThatThrownBy(settings::check).hasMessageContaining("REJOIN_TRACES").hasMessageContaining(text);
    }

    /** The rule is the same for all variables. */
    @Test
    void anEmptyVariableIsAnUnsetOne() {
        try (var tracing = Tracing.open(new TraceSettings(1), "edge", Map.of("otel.exporter.otlp.endpoint", ""))) {
            assertThat(tracing.begin("post").isTraced()).isTrue();
        }
    }

    @Test
    void anEndpointThatIsNoneEndsTheStart() {
        var wrong = Map.of("otel.exporter.otlp.endpoint", "collector:4318");
        assertThatThrownBy(() -> Tracing.open(new TraceSettings(1), "edge", wrong))
                .isInstanceOf(ConfigException.class).hasMessageContaining("OTEL_").hasMessageContaining("collector");
    }

    /** Services call all of these methods during their work. */
    @Test
    void whatTracingThrowsStaysThere() {
        var headers = new RecordHeaders();
        try (var broken = BrokenTraces.inEveryStep()) {
            var post = broken.begin("post").note("rejoin.room", "lobby").note("rejoin.characters", 2);
            assertThat(post.isTraced()).isTrue();
            broken.send("send rejoin.commands", post).end();
            var taken = broken.receive("process rejoin.commands", post.context()).from("rejoin.commands", 3, 17);
            taken.happened("queued");
            taken.fail("it failed");
            post.end(new IllegalStateException("it failed"));
            TraceHeaders.put(headers, post);
        }
        assertThat(TraceHeaders.of(headers)).isNotNull();
        assertThat(BrokenTraces.fromTheBeginning().begin("post")).isSameAs(Step.NONE);
    }

    @Test
    void headersThatTakeNothingAreLeftAsTheyAre() {
        var headers = new RecordHeaders();
        headers.setReadOnly();
        TraceHeaders.put(headers, tracing.begin("post"));
        TraceHeaders.put(headers, Map.of(1, tracing.begin("post")));
        assertThat(headers.toArray()).isEmpty();
    }

    @Test
    void aStepThatCannotBeFollowedHasFailed() {
        tracing.begin("post").follow(() -> {
            throw new IllegalStateException("no socket");
        });
        assertThat(recorded.ended()).containsExactly("post: the step could not be observed");
    }
}
