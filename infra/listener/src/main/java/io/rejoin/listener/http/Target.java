package io.rejoin.listener.http;

import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The decoded target of a request: a path and the query's parameters. */
public final class Target {
    private static final Pattern SLASHES = Pattern.compile("/{2,}");

    private final String path;
    private final Map<String, List<String>> parameters;

    private Target(String path, Map<String, List<String>> parameters) {
        this.path = path;
        this.parameters = parameters;
    }

    /**
     * Decodes a target.
     *
     * @param rawPath  the path as sent, percent-encoded; repeated slashes count as one, and a slash at the end is
     *                 ignored
     * @param rawQuery the part after the question mark, or an empty text
     * @throws RequestRefused 400 when the percent-encoding is malformed or is not UTF-8
     */
    public static Target of(String rawPath, String rawQuery) throws RequestRefused {
        return new Target(PercentEncoding.decode(plain(rawPath), false), parse(rawQuery));
    }

    /** The decoded path, without a slash at its end. An encoded slash is decoded to a slash. */
    public String path() {
        return path;
    }

    /**
     * A decoded parameter of the query, or null without such a parameter.
     *
     * @throws RequestRefused 400 when the parameter is given twice with different values
     */
    public @Nullable String parameter(String name) throws RequestRefused {
        var values = parameters.get(name);
        if (values == null) return null;
        var first = values.getFirst();
        for (var value : values) {
            if (!value.equals(first))
                throw new RequestRefused(RefusalCode.BAD_REQUEST, "the URL has " + name + " with different values");
        }
        return first;
    }

    private static String plain(String rawPath) {
        var single = rawPath.contains("//") ? SLASHES.matcher(rawPath).replaceAll("/") : rawPath;
        return single.length() > 1 && single.endsWith("/") ? single.substring(0, single.length() - 1) : single;
    }

    private static Map<String, List<String>> parse(String rawQuery) throws RequestRefused {
        var parameters = new HashMap<String, List<String>>();
        for (var pair : rawQuery.split("&", -1)) {
            if (pair.isEmpty()) continue;
            var equals = pair.indexOf('=');
            var name = equals < 0 ? pair : pair.substring(0, equals);
            var value = equals < 0 ? "" : pair.substring(equals + 1);
            parameters.computeIfAbsent(PercentEncoding.decode(name, true), _ -> new ArrayList<>(1))
                    .add(PercentEncoding.decode(value, true));
        }
        return parameters;
    }
}
