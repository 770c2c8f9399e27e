package io.rejoin.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import java.io.IOException;

/** Parses the frames of servers. A frame for many receivers is parsed once, if they read it one after the other. */
final class Frames {
    private byte[] last = new byte[0];
    private JsonNode lastRead = Json.MAPPER.nullNode();

    @SuppressWarnings("ReferenceEquality") // the fan-out hands the same array to many receivers
    JsonNode read(byte[] frame) {
        if (frame == last) return lastRead;
        try {
            lastRead = Json.MAPPER.readTree(frame, start(frame), frame.length - start(frame));
            last = frame;
            return lastRead;
        } catch (IOException e) {
            throw new Violation("a frame is not JSON: " + e.getMessage());
        }
    }

    /** The index at which the payload begins: RFC 6455, section 5.2. */
    private static int start(byte[] frame) {
        return switch (frame[1]) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
        };
    }
}
