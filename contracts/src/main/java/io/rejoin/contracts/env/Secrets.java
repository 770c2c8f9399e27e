package io.rejoin.contracts.env;

import java.util.regex.Pattern;

/**
 * Masks secrets in texts that people read: logs, errors, health. It finds them by the text around them, and rather
 * masks too much than too little.
 */
public final class Secrets {
    private static final String MASK = "***";

    /**
     * Matches the password in {@code scheme://user:password@host}. Without a password it matches the user, which is
     * often a token.
     */
    private static final Pattern USER_INFO = Pattern.compile("://(?:([^\\s/?#:@]*):\\S*@|[^\\s/?#@]+@)");

    /** Matches {@code name=value} if the name suggests a secret, as in a URL's query or a JAAS configuration. */
    private static final Pattern PARAMETER = Pattern.compile(
            "(?i)([\\w.%-]*(?:password|passwd|passphrase|pwd|secret|token|credential|api[_-]?key)[\\w.%-]*\\s*=\\s*)"
                    + "(\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|[^&\\s]*)");

    private Secrets() {}

    /** Returns the text with {@code ***} in place of each secret. */
    public static String masked(String text) {
        var withoutUsers = USER_INFO.matcher(text)
                .replaceAll(found -> found.group(1) == null ? "://***@" : "://$1:***@");
        return PARAMETER.matcher(withoutUsers).replaceAll("$1" + MASK);
    }
}
