package io.rejoin.listener.http;

import java.util.Locale;

/** Checks of characters in the head of a request (RFC 9110, section 5.6; RFC 3986, section 3.2.2). */
final class Ascii {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final String HOST_MARKS = "-._~%!$&'()*+,;=";

    private Ascii() {}

    static String lowerCase(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Removes blanks and tabs at both ends. HTTP allows no other blank characters in a header. */
    static String trim(String text) {
        var from = 0;
        var to = text.length();
        while (from < to && isBlank(text.charAt(from))) from++;
        while (from < to && isBlank(text.charAt(to - 1))) to--;
        return text.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** Whether the text can be a method or the name of a header. */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0);
    }

    /** Whether the text can be the value of a header: visible characters, blanks, tabs, and bytes beyond ASCII. */
    static boolean isFieldValue(String text) {
        return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f));
    }

    /**
     * Whether the text can be a request target. Browsers leave many characters raw that RFC 3986 requires to be
     * encoded; such characters are accepted, because their meaning is clear.
     */
    static boolean isTarget(String text) {
        return text.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }

    static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /**
     * Whether the text is a host with or without a port. Underscores are allowed, because names of containers use them.
     * An empty text is allowed, because a target may have no host.
     */
    static boolean isAuthority(String text) {
        var bracket = text.startsWith("[") ? text.indexOf(']') : -1;
        if (text.startsWith("[") && bracket < 0) return false;
        var colon = text.indexOf(':', Math.max(bracket, 0));
        var host = colon < 0 ? text : text.substring(0, colon);
        if (colon >= 0 && !text.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9')) return false;
        if (bracket < 0)
            return host.chars().allMatch(c -> isLetterOrDigit(c) || HOST_MARKS.indexOf(c) >= 0 || c >= 0x80);
        return bracket == host.length() - 1 && host.substring(1, bracket).chars()
                .allMatch(c -> isLetterOrDigit(c) || c == ':' || HOST_MARKS.indexOf(c) >= 0);
    }

    private static boolean isLetterOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
