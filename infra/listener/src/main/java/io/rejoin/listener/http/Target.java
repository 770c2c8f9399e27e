package io.rejoin.listener.http;

import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a request is for, decoded: a path, and parameters by their names. */
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
     * @param rawPath  the path as sent, percent-encoded; slashes that follow another one or end it mean nothing
     * @param rawQuery what follows the question mark, or nothing
     * @throws RequestRefused 400 when the percent-encoding is malformed, or is not of UTF-8
     */
    public static Target of(String rawPath, String rawQuery) throws RequestRefused {
        return new Target(PercentEncoding.decode(plain(rawPath), false), parse(rawQuery));
    }

    /** The decoded path, without a slash at its end. An encoded slash has become a slash. */
    public String path() {
        return path;
    }

    /**
     * A parameter of the query, decoded; null without such a parameter.
     *
     * @throws RequestRefused 400 when it is given twice, with different values
     */
    public @Nullable String parameter(String name) throws RequestRefused {
        var values = parameters.get(name);
        if (values == null) return null;
        var first = values.getFirst();
        for (var value : values) {
            if (!value.equals(first))
                throw new RequestRefused(RefusalCode.BAD_REQUEST, "the URL says " + name + " twice, and not the same");
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
