package io.rejoin.edge.auth;

import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The origin of a page (RFC 6454), in the one form that browsers send: lower case, punycode, no default port, no path.
 *
 * @param host without brackets
 * @param port 0 for the scheme's default port, or if there is none
 */
record Origin(String scheme, String host, int port) {
    private static final Pattern ORIGIN = Pattern
            .compile("([A-Za-z][A-Za-z0-9+.-]*)://(\\[[0-9A-Fa-f:.]+]|[^/?#@:\\[\\]\\s]+)(?::([0-9]{1,5}))?/?");
    private static final Pattern HOST = Pattern.compile("(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*"
            + "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    /** Letters that browsers and the JDK turn into different names, because the JDK's IDN is older. */
    private static final Pattern AMBIGUOUS_LETTERS = Pattern.compile("[\u00DF\u03C2\u200C\u200D]");

    /**
     * @throws IllegalArgumentException when no page has that origin; the message continues a sentence that begins with
     *                                  "it"
     */
    static Origin parse(String text) {
        var match = ORIGIN.matcher(text);
        if (!match.matches()) throw new IllegalArgumentException(invalidReason(text));
        var scheme = match.group(1).toLowerCase(Locale.ROOT);
        if (scheme.equals("ws") || scheme.equals("wss"))
            throw new IllegalArgumentException(
                    "is the address of a WebSocket; name the origin of the page, with http:// or https://");
        var digits = match.group(3);
        var port = digits == null ? 0 : Integer.parseInt(digits);
        if (digits != null && (port < 1 || port > 65_535))
            throw new IllegalArgumentException("has a port that is not from 1 to 65535");
        return new Origin(scheme, host(match.group(2)), port == defaultPort(scheme) ? 0 : port);
    }

    private static String invalidReason(String text) {
        if (!text.contains("://")) return "has no scheme, as in https://app.example";
        var rest = text.substring(text.indexOf("://") + 3);
        if (rest.matches("[^/?#]+[/?#].+") || rest.contains("@"))
            return "has more than scheme, host and port, unlike https://app.example";
        return "is not an origin such as https://app.example or http://localhost:3000";
    }

    private static String host(String text) {
        if (AMBIGUOUS_LETTERS.matcher(text).find())
            throw new IllegalArgumentException(
                    "has a letter that browsers convert in another way: write the host in punycode, xn--…");
        var host = normalizeHost(text);
        if (host.contains(":")) return host;
        var last = host.substring(host.lastIndexOf('.') + 1);
        var isAddress = last.matches("\\d+|0x[0-9a-f]*");
        if (host.length() > 253 || !(isAddress ? IPV4 : HOST).matcher(host).matches())
            throw new IllegalArgumentException("has no valid host");
        return host;
    }

    /** An IPv6 address at full length; any other host in lower case and punycode. */
    private static String normalizeHost(String host) {
        try {
            return host.startsWith("[")
                    ? InetAddress.ofLiteral(host.substring(1, host.length() - 1)).getHostAddress()
                    : IDN.toASCII(host).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("has no valid host", e);
        }
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> 0;
        };
    }

    /** Whether this origin is a subdomain of the parent, at any depth. */
    boolean isSubdomainOf(Origin parent) {
        return scheme.equals(parent.scheme) && port == parent.port && host.endsWith("." + parent.host);
    }
}
