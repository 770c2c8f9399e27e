package io.rejoin.edge.room;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Decodes the JSON of an unmasked text frame. */
public final class FrameJson {
    private FrameJson() {}

    public static JsonNode of(byte[] frame) {
        var header = switch (frame[1]) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
        };
        try {
            return Json.MAPPER.readTree(Arrays.copyOfRange(frame, header, frame.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
