package io.rejoin.e2e.check;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.io.IOException;

/** Encodes observations as lines of a history, each one JSON object, and decodes them. Safe for any thread. */
public final class HistoryCodec {
    private HistoryCodec() {}

    /** Encodes an observation, without the line end. */
    public static byte[] encode(Observation observation) {
        try {
            return Json.MAPPER.writerFor(Observation.class).writeValueAsBytes(observation);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write an observation as JSON: " + observation, e);
        }
    }

    /**
     * Decodes a line.
     *
     * @throws IOException when the line is no observation; the message says why
     */
    public static Observation decode(String line) throws IOException {
        return Json.MAPPER.readValue(line, Observation.class);
    }
}
