package io.rejoin.edge.websocket;

/**
 * The beginning of a frame (RFC 6455, section 5.2), not yet judged.
 *
 * @param reserved RSV1 to RSV3, in the bits they have on the wire
 * @param length of the payload; {@code Long.MAX_VALUE} for one of 64 bits
 * @param canonical whether the length has 63 bits at most and took the fewest bytes it could
 */
record FrameHeader(boolean fin, int reserved, int opcode, boolean masked, long length, boolean canonical) {
    boolean isControl() {
        return (opcode & 0x8) != 0;
    }
}
