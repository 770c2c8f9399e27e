package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the generator says: a line of JSON each. Every order ends with one answer; a load has two more before it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "said")
@JsonSubTypes({@JsonSubTypes.Type(value = Answer.Opened.class, name = "opened"),
        @JsonSubTypes.Type(value = Answer.WindowBegins.class, name = "window begins"),
        @JsonSubTypes.Type(value = Answer.WindowEnds.class, name = "window ends"),
        @JsonSubTypes.Type(value = Answer.Loaded.class, name = "loaded"),
        @JsonSubTypes.Type(value = Answer.Closed.class, name = "closed"),
        @JsonSubTypes.Type(value = Answer.Failed.class, name = "failed")})
sealed interface Answer {
    /** All have joined, after so many seconds. */
    record Opened(double seconds) implements Answer {}

    /** See {@link Progress}. */
    record WindowBegins() implements Answer {}

    /** See {@link Progress}. */
    record WindowEnds() implements Answer {}

    /** The load is over. */
    record Loaded(Outcome outcome) implements Answer {}

    /** All connections are cut. */
    record Closed() implements Answer {}

    /** The order could not be done. */
    record Failed(String why) implements Answer {}
}
