package io.rejoin.edge.auth;

import java.text.Normalizer;

/**
 * The rules for names that people choose: names of rooms, and names of users in a URL. Two names that look alike must
 * become one name, or one of them must be refused. So names are normalized to NFC, and invisible characters are
 * refused.
 *
 * <p>Names from a token are not checked, and neither are names of personal rooms, which contain them. If an identity
 * provider distinguishes two users, the edge must distinguish them too, and no user may be locked out. Stored names are
 * not checked either: names that were accepted earlier can still be read.
 */
public final class NameRules {
    private static final int JOINER = 0x200D;
    private static final int EMOJI_STYLE = 0xFE0F;
    private static final int KEYCAP = 0x20E3;
    private static final int BRAILLE_BLANK = 0x2800;

    private NameRules() {}

    /**
     * Checks a room's name and returns its normal form. The name of a personal room is returned unchanged.
     *
     * @throws IllegalArgumentException when the name breaks the rules; the message may be shown to the client
     */
    public static String normalizeRoom(String name) {
        return name.startsWith("@") ? name : normalize("a room's name", name);
    }

    /** Checks a user's name that a client chose and returns its normal form, like {@link #normalizeRoom}. */
    public static String normalizeUser(String name) {
        return normalize("a user's name", name);
    }

    private static String normalize(String kind, String name) {
        var points = name.codePoints().toArray();
        for (var i = 0; i < points.length; i++) {
            if (isInvisible(points[i]) && !isPartOfEmoji(points, i))
                throw new IllegalArgumentException(kind + " must not contain " + describe(points[i])
                        + ", which is invisible (character " + (i + 1) + ")");
        }
        if (points.length > 0 && (isBlank(points[0]) || isBlank(points[points.length - 1]))) {
            var blank = isBlank(points[0]) ? points[0] : points[points.length - 1];
            throw new IllegalArgumentException(kind + " must not begin or end with a blank, " + describe(blank));
        }
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /**
     * Whether a character shows nothing by itself. Such characters make names look alike, or reverse the order of
     * others.
     */
    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.FORMAT -> !isNumberSign(c);
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> isIgnorable(c) || isNonCharacter(c);
        };
    }

    /** Unicode's Default_Ignorable_Code_Point, without the format characters, which are refused anyway. */
    private static boolean isIgnorable(int c) {
        return c == 0x034F || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 || (c >= 0x180B && c <= 0x180F)
                || c == 0x2065 || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFFA0
                || (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0xE0000 && c <= 0xE0FFF);
    }

    private static boolean isNonCharacter(int c) {
        return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    }

    /** Format characters that are visible: Arabic, Syriac and Kaithi signs before or around numbers. */
    private static boolean isNumberSign(int c) {
        return (c >= 0x0600 && c <= 0x0605) || c == 0x06DD || c == 0x070F || c == 0x0890 || c == 0x0891 || c == 0x08E2
                || c == 0x110BD || c == 0x110CD;
    }

    /**
     * Whether a character is a joiner between two emoji, or an emoji style mark after a character that also has a text
     * style. Both change what is visible.
     */
    private static boolean isPartOfEmoji(int[] points, int i) {
        if (i == 0) return false;
        var before = points[i - 1];
        var after = i + 1 < points.length ? points[i + 1] : 0;
        if (points[i] == EMOJI_STYLE)
            return after == KEYCAP ? Character.isEmoji(before) : hasOtherStyle(before);
        return points[i] == JOINER && Character.isExtendedPictographic(after)
                && (before == EMOJI_STYLE || Character.isEmojiModifier(before)
                        || Character.isExtendedPictographic(before));
    }

    private static boolean hasOtherStyle(int c) {
        return Character.isExtendedPictographic(c) && !Character.isEmojiPresentation(c);
    }

    private static boolean isBlank(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == BRAILLE_BLANK;
    }

    private static String describe(int c) {
        var name = Character.getName(c);
        return "U+%04X".formatted(c) + (name == null ? "" : " " + name);
    }
}
