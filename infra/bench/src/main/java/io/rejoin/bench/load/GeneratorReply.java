package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * Answer of the generator to an {@link GeneratorCommand}: one line of JSON. Every order ends with exactly one answer. A load sends
 * two more answers before that one: {@link WindowBegins} and {@link WindowEnds}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "said")
@JsonSubTypes({@JsonSubTypes.Type(value = GeneratorReply.Opened.class, name = "opened"),
        @JsonSubTypes.Type(value = GeneratorReply.WindowBegins.class, name = "window begins"),
        @JsonSubTypes.Type(value = GeneratorReply.WindowEnds.class, name = "window ends"),
        @JsonSubTypes.Type(value = GeneratorReply.Loaded.class, name = "loaded"),
        @JsonSubTypes.Type(value = GeneratorReply.Closed.class, name = "closed"),
        @JsonSubTypes.Type(value = GeneratorReply.Failed.class, name = "failed")})
sealed interface GeneratorReply {
    /**
     * All members have joined.
     *
     * @param seconds from the order until the last member had joined
     */
    record Opened(double seconds) implements GeneratorReply {}

    /** See {@link Progress}. */
    record WindowBegins() implements GeneratorReply {}

    /** See {@link Progress}. */
    record WindowEnds() implements GeneratorReply {}

    /** The load is over. */
    record Loaded(Outcome outcome) implements GeneratorReply {}

    /** All connections are cut. */
    record Closed() implements GeneratorReply {}

    /** The order failed. */
    record Failed(String why) implements GeneratorReply {}
}
