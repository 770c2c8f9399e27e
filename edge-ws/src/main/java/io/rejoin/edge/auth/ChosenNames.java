package io.rejoin.edge.auth;

import java.text.Normalizer;

/**
 * The rules for names that come in at the door, where people choose them: of rooms, and of users in a URL. Two names that look
 * alike should be one, or one of them refused. So names are brought into NFC, and what cannot be seen is refused.
 *
 * <p>Names that a token gives, and those of personal rooms, which are made of them, are taken as they are: an identity provider
 * that tells two users apart has to be believed, and nobody should be locked out. Nor does any of this hold for what is
 * stored already: names that were taken before are still read.
 */
public final class ChosenNames {
    private static final int JOINER = 0x200D;
    private static final int EMOJI_STYLE = 0xFE0F;
    private static final int KEYCAP = 0x20E3;
    private static final int BRAILLE_BLANK = 0x2800;

    private ChosenNames() {}

    /**
     * A room's name as it is known from now on.
     *
     * @throws IllegalArgumentException when it breaks the rules; the message is fit for the client
     */
    public static String room(String name) {
        return name.startsWith("@") ? name : checked("a room's name", name);
    }

    /** A user's name that its client chose, as it is known from now on; like {@link #room}. */
    public static String user(String name) {
        return checked("a user's name", name);
    }

    private static String checked(String what, String name) {
        var points = name.codePoints().toArray();
        for (var i = 0; i < points.length; i++) {
            if (isInvisible(points[i]) && !isPartOfEmoji(points, i))
                throw new IllegalArgumentException(what + " must not contain " + tell(points[i])
                        + ", which cannot be seen (character " + (i + 1) + ")");
        }
        if (points.length > 0 && (isBlank(points[0]) || isBlank(points[points.length - 1]))) {
            var blank = isBlank(points[0]) ? points[0] : points[points.length - 1];
            throw new IllegalArgumentException(what + " must not begin or end with a blank, " + tell(blank));
        }
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /** What shows nothing by itself: it makes names that look alike, or turns the order of the others around. */
    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.FORMAT -> !isNumberSign(c);
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> isIgnorable(c) || isNonCharacter(c);
        };
    }

    /** Default_Ignorable_Code_Point of Unicode, without those that are format characters already. */
    private static boolean isIgnorable(int c) {
        return c == 0x034F || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 || (c >= 0x180B && c <= 0x180F)
                || c == 0x2065 || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFFA0
                || (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0xE0000 && c <= 0xE0FFF);
    }

    private static boolean isNonCharacter(int c) {
        return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    }

    /** Format characters that are seen: Arabic, Syriac and Kaithi signs that go before or around numbers. */
    private static boolean isNumberSign(int c) {
        return (c >= 0x0600 && c <= 0x0605) || c == 0x06DD || c == 0x070F || c == 0x0890 || c == 0x0891 || c == 0x08E2
                || c == 0x110BD || c == 0x110CD;
    }

    /** A joiner between two emoji, or the mark of the coloured style after one that has another: both are seen. */
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

    private static String tell(int c) {
        var name = Character.getName(c);
        return "U+%04X".formatted(c) + (name == null ? "" : " " + name);
    }
}
