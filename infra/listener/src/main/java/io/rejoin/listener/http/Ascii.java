package io.rejoin.listener.http;

import java.util.Locale;

/** Kinds of characters in the head of a request (RFC 9110, section 5.6; RFC 3986, section 3.2.2). */
final class Ascii {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final String HOST_MARKS = "-._~%!$&'()*+,;=";

    private Ascii() {}

    static String lowerCase(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Without the blanks and tabs at either end; nothing else is blank in a header. */
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

    /** A method or the name of a header. */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0);
    }

    /** The value of a header: visible, a blank, a tab, or a byte beyond ASCII. */
    static boolean isFieldValue(String text) {
        return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f));
    }

    /** What a target may hold. URLs of browsers leave many characters raw that RFC 3986 wants encoded: we know what they mean. */
    static boolean isTarget(String text) {
        return text.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }

    static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** A host with or without a port; names of containers hold {@code _}. Empty where a target has none. */
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
