package io.rejoin.contracts.env;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds environment variables whose names are close to, but not equal to, those of a service. Has no side effects. */
final class Misspellings {
    /** A variable with one of these prefixes belongs to one of our services. */
    private static final List<String> SERVICES = List.of("EDGE_", "HISTORY_", "ROUTER_");

    private Misspellings() {}

    /**
     * Returns one warning for each such variable.
     *
     * @param known names of the variables that the service has read
     */
    static List<String> of(Map<String, String> env, Collection<String> known) {
        var prefixes = SERVICES.stream().filter(prefix -> known.stream().anyMatch(name -> name.startsWith(prefix)))
                .collect(Collectors.toSet());
        var lines = new ArrayList<String>();
        for (var each : new TreeMap<>(env).entrySet()) {
            var name = each.getKey();
            if (known.contains(name) || ServiceLinks.isServiceLink(name, each.getValue())) continue;
            var capitals = name.toUpperCase(Locale.ROOT);
            var isOurs = prefixes.stream().anyMatch(capitals::startsWith);
            if (!isOurs && SERVICES.stream().anyMatch(capitals::startsWith)) continue; // variable of another service
            var nearest = known.stream().min(Comparator.comparingInt(other -> distance(capitals, other))).orElse("");
            var isNear = distance(capitals, nearest) <= (isOurs ? nearest.length() / 3 : 2);
            if (isNear) lines.add(name + " is not a variable of this service; did you mean " + nearest + "?");
            else if (isOurs) lines.add(name + " is not a variable of this service; it has no effect");
        }
        return lines;
    }

    /**
     * The edit distance of two names: the minimum number of letters to insert, delete, replace, or swap with a
     * neighbour.
     */
    static int distance(String one, String other) {
        var rows = new int[one.length() + 1][other.length() + 1];
        for (var i = 0; i <= one.length(); i++) {
            for (var j = 0; j <= other.length(); j++) rows[i][j] = cellValue(rows, one, other, i, j);
        }
        return rows[one.length()][other.length()];
    }

    private static int cellValue(int[][] rows, String one, String other, int i, int j) {
        if (i == 0 || j == 0) return i + j;
        var isSame = one.charAt(i - 1) == other.charAt(j - 1);
        var least = Math.min(Math.min(rows[i - 1][j], rows[i][j - 1]) + 1, rows[i - 1][j - 1] + (isSame ? 0 : 1));
        var isSwapped = i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
                && one.charAt(i - 2) == other.charAt(j - 1);
        return isSwapped ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
    }
}
