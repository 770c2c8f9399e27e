package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * Answer of the generator to an {@link Order}: one line of JSON. Every order ends with exactly one answer. A load sends
 * two more answers before that one: {@link WindowBegins} and {@link WindowEnds}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "said")
@JsonSubTypes({@JsonSubTypes.Type(value = Answer.Opened.class, name = "opened"),
        @JsonSubTypes.Type(value = Answer.WindowBegins.class, name = "window begins"),
        @JsonSubTypes.Type(value = Answer.WindowEnds.class, name = "window ends"),
        @JsonSubTypes.Type(value = Answer.Loaded.class, name = "loaded"),
        @JsonSubTypes.Type(value = Answer.Closed.class, name = "closed"),
        @JsonSubTypes.Type(value = Answer.Failed.class, name = "failed")})
sealed interface Answer {
    /**
     * All members have joined.
     *
     * @param seconds from the order until the last member had joined
     */
    record Opened(double seconds) implements Answer {}

    /** See {@link Progress}. */
    record WindowBegins() implements Answer {}

    /** See {@link Progress}. */
    record WindowEnds() implements Answer {}

    /** The load is over. */
    record Loaded(Outcome outcome) implements Answer {}

    /** All connections are cut. */
    record Closed() implements Answer {}

    /** The order failed. */
    record Failed(String why) implements Answer {}
}
