package io.rejoin.edge.websocket;

/**
 * The header of a frame (RFC 6455, section 5.2), before any check.
 *
 * @param reserved RSV1 to RSV3, in the bits they have on the wire
 * @param length of the payload; {@code Long.MAX_VALUE} if a 64-bit length has its top bit set, which the RFC forbids
 * @param canonical whether the length uses the fewest bytes possible and its top bit, if it has 64 bits, is clear
 */
record FrameHeader(boolean fin, int reserved, int opcode, boolean masked, long length, boolean canonical) {
    boolean isControl() {
        return (opcode & 0x8) != 0;
    }
}
