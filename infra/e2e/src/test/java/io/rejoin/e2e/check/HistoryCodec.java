package io.rejoin.e2e.check;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.io.IOException;

/** Observations and the lines of a history: a JSON object each. Safe for any thread. */
public final class HistoryCodec {
    private HistoryCodec() {}

    /** The line, without its end. */
    public static byte[] encode(Observation observation) {
        try {
            return Json.MAPPER.writerFor(Observation.class).writeValueAsBytes(observation);
        } catch (JacksonException e) {
            throw new IllegalStateException("an observation has no JSON: " + observation, e);
        }
    }

    /**
     * The observation of a line.
     *
     * @throws IOException when it is none; the message says why
     */
    public static Observation decode(String line) throws IOException {
        return Json.MAPPER.readValue(line, Observation.class);
    }
}
