package io.rejoin.edge.websocket;

/**
 * Validates UTF-8 (RFC 3629) that arrives in pieces. It fails at the first byte that cannot be part of valid UTF-8: no
 * surrogates, no overlong forms, nothing above U+10FFFF. For one thread only.
 */
final class Utf8 {
    private static final int LOWEST = 0x80;
    private static final int HIGHEST = 0xBF;

    /** How many continuation bytes the current character still needs. */
    private int needed;
    /** The range of the next continuation byte. It is narrower than usual only after some lead bytes. */
    private int lowest = LOWEST;
    private int highest = HIGHEST;

    /** Takes the next bytes. Returns false as soon as no continuation can make them valid. */
    boolean accept(byte[] bytes, int from, int to) {
        for (var i = from; i < to; i++) {
            var next = bytes[i] & 0xff;
            if (needed == 0) {
                if (next >= 0x80 && !lead(next)) return false;
            } else {
                if (next < lowest || next > highest) return false;
                needed--;
                lowest = LOWEST;
                highest = HIGHEST;
            }
        }
        return true;
    }

    /** Whether the bytes so far end with a complete character. */
    boolean isComplete() {
        return needed == 0;
    }

    /**
     * Takes a lead byte, by the first column of table 3-7 of the Unicode standard. Returns false if the byte is
     * invalid.
     */
    private boolean lead(int lead) {
        if (lead < 0xC2 || lead > 0xF4) return false;
        if (lead < 0xE0) needed = 1;
        else if (lead < 0xF0) needed = 2;
        else
            needed = 3;
        switch (lead) {
            case 0xE0 -> lowest = 0xA0;
            case 0xED -> highest = 0x9F;
            case 0xF0 -> lowest = 0x90;
            case 0xF4 -> highest = 0x8F;
            default -> {
            }
        }
        return true;
    }
}
