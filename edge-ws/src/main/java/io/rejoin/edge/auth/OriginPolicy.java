package io.rejoin.edge.auth;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which pages may open a WebSocket (RFC 6455, section 10.2). A client that is not a browser sends no origin and
 * is permitted: only its token decides.
 *
 * @param words   {@code *} permits any origin. {@code null} and {@code file://} each permit exactly the origin of that
 *                name: browsers send it for pages without an origin of their own, such as pages opened from a file.
 *                {@code loopback} permits both of these, every other origin that begins with {@code file:}, and pages
 *                of this machine: {@code localhost}, {@code 127.0.0.1} and {@code [::1]}, with any scheme and port
 * @param exact   origins that are permitted
 * @param parents origins whose subdomains are permitted
 */
public record OriginPolicy(Set<String> words, Set<Origin> exact, Set<Origin> parents) {
    private static final Set<String> WORDS = Set.of("*", "loopback", "null", "file://");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    /** Top-level names under which nobody else can have a page. */
    private static final Set<String> PRIVATE = Set.of("localhost", "internal");
    private static final String ANY_SUBDOMAIN = "://*.";

    public OriginPolicy {
        words = Set.copyOf(words);
        exact = Set.copyOf(exact);
        parents = Set.copyOf(parents);
    }

    /**
     * Parses origins separated by commas: {@code https://app.example}, or {@code https://*.app.example} for all
     * subdomains.
     *
     * @throws IllegalArgumentException when an entry can never match a page; the message names the entry and says why
     */
    public static OriginPolicy parse(String list) {
        var words = new HashSet<String>();
        var exact = new HashSet<Origin>();
        var parents = new HashSet<Origin>();
        for (var text : Arrays.stream(list.split(",", -1)).map(String::strip).filter(o -> !o.isEmpty()).toList()) {
            if (WORDS.contains(text)) words.add(text);
            else if (text.contains(ANY_SUBDOMAIN)) parents.add(parent(text));
            else
                exact.add(origin(text, text));
        }
        if (words.isEmpty() && exact.isEmpty() && parents.isEmpty())
            throw new IllegalArgumentException("no origin is named, so no page could connect");
        return new OriginPolicy(words, exact, parents);
    }

    private static Origin parent(String text) {
        var parent = origin(text, text.replaceFirst("\\*\\.", ""));
        if (!parent.host().matches(".*[a-z].*") || parent.host().contains(":"))
            throw new IllegalArgumentException(text + " can never match: an IP address has no subdomains");
        if (!parent.host().contains(".") && !PRIVATE.contains(parent.host()))
            throw new IllegalArgumentException(
                    text + " allows a whole top-level domain: name your own domain, such as https://*.example."
                            + parent.host() + ", or use * for any page");
        return parent;
    }

    private static Origin origin(String shown, String text) {
        if (text.contains("*"))
            throw new IllegalArgumentException(shown + " can never match: use * alone for any origin, or"
                    + " https://*.example.com for subdomains");
        try {
            return Origin.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(shown + " can never match: it " + e.getMessage(), e);
        }
    }

    public boolean permits(@Nullable String origin) {
        if (origin == null || words.contains("*") || words.contains(origin)) return true;
        var isLoopback = words.contains("loopback");
        if (origin.equals("null") || origin.startsWith("file:")) return isLoopback;
        Origin page;
        try {
            page = Origin.parse(origin);
        } catch (IllegalArgumentException _) {
            return false;
        }
        return exact.contains(page) || parents.stream().anyMatch(page::isSubdomainOf)
                || (isLoopback && LOOPBACK.contains(page.host()));
    }
}
