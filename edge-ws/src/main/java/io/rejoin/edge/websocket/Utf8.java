package io.rejoin.edge.websocket;

/**
 * Validates UTF-8 (RFC 3629) that comes in pieces, and tells at the first byte that cannot be part of it: no surrogates, no
 * overlong forms, nothing above U+10FFFF. Of one thread.
 */
final class Utf8 {
    private static final int LOWEST = 0x80;
    private static final int HIGHEST = 0xBF;

    /** Continuation bytes that the character begun still needs. */
    private int needed;
    /** What the next continuation byte may be; narrower than usual only behind some lead bytes. */
    private int lowest = LOWEST;
    private int highest = HIGHEST;

    /** Takes the next bytes; false as soon as no continuation could make them valid. */
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

    /** Whether the bytes so far end with a whole character. */
    boolean isComplete() {
        return needed == 0;
    }

    /** Table 3-7 of the Unicode standard, by its first column. */
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
