package io.rejoin.contracts.env;

import java.util.regex.Pattern;

/**
 * Takes passwords out of what people read: logs, errors, health. It finds them by their surroundings, and masks too much
 * rather than too little.
 */
public final class Secrets {
    private static final String MASK = "***";

    /** The password in {@code scheme://user:password@host}, and a user without one, which is often a token. */
    private static final Pattern USER_INFO = Pattern.compile("://(?:([^\\s/?#:@]*):\\S*@|[^\\s/?#@]+@)");

    /** {@code name=value}, as in the query of a URL or in a JAAS configuration, where the name speaks of a secret. */
    private static final Pattern PARAMETER = Pattern.compile(
            "(?i)([\\w.%-]*(?:password|passwd|passphrase|pwd|secret|token|credential|api[_-]?key)[\\w.%-]*\\s*=\\s*)"
                    + "(\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|[^&\\s]*)");

    private Secrets() {}

    /** The same text with {@code ***} for each secret in it. */
    public static String masked(String text) {
        var withoutUsers = USER_INFO.matcher(text)
                .replaceAll(found -> found.group(1) == null ? "://***@" : "://$1:***@");
        return PARAMETER.matcher(withoutUsers).replaceAll("$1" + MASK);
    }
}
