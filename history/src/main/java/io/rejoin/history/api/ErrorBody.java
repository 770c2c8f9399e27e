package io.rejoin.history.api;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;

/** The answer to a request that failed: {@code {"error": {"code", "message"}}}. */
record ErrorBody(Detail error) {
    /**
     * @param code    for programs
     * @param message for people: what is wrong and what to do
     */
    record Detail(String code, String message) {}

    static byte[] of(String code, String message) {
        return json(new ErrorBody(new Detail(code, message)));
    }

    static byte[] json(Object value) {
        try {
            return Json.MAPPER.writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IllegalStateException("an answer of ours has no JSON: " + value.getClass(), e);
        }
    }
}
