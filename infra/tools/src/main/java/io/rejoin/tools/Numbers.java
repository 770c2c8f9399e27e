package io.rejoin.tools;

import java.util.regex.Pattern;

/** Parses numbers as people write them on a command line. */
final class Numbers {
    private static final Pattern COUNT = Pattern.compile("(\\d+(?:\\.\\d+)?)([kMG]?)");
    private static final Pattern MEMORY = Pattern.compile("(\\d+(?:\\.\\d+)?)(Mi|Gi)");

    private Numbers() {}

    /**
     * Parses a count: {@code 10k} is 10,000.
     *
     * @throws IllegalArgumentException if the text is no count; the message names the option
     */
    static double count(String option, String text) {
        var found = COUNT.matcher(text);
        if (!found.matches())
            throw new IllegalArgumentException(option + " must be a number such as 500, 10k, 2.5M or 1G, not " + text);
        return Double.parseDouble(found.group(1)) * switch (found.group(2)) {
            case "k" -> 1e3;
            case "M" -> 1e6;
            case "G" -> 1e9;
            default -> 1;
        };
    }

    /**
     * Parses a size such as {@code 8Gi}, into bytes.
     *
     * @throws IllegalArgumentException if the text is no size; the message names the option
     */
    static double memory(String option, String text) {
        var found = MEMORY.matcher(text);
        if (!found.matches())
            throw new IllegalArgumentException(option + " must be a size such as 512Mi or 8Gi, not " + text);
        return Double.parseDouble(found.group(1)) * (found.group(2).equals("Gi") ? 1 << 30 : 1 << 20);
    }
}
