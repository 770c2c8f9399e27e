package io.rejoin.contracts.env;

import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a service, read variable by variable. An empty variable counts as unset. A value that cannot be used is
 * noted, and its default is taken until {@link #check} names all of them at once. Confined to one thread.
 */
public final class Settings {
    private final Map<String, String> env;
    private final List<String> problems = new ArrayList<>();

    public Settings(Map<String, String> env) {
        this.env = Map.copyOf(env);
    }

    /** The value of a variable, without blanks around it; null when it is unset. */
    public @Nullable String text(String name) {
        var value = env.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    public String text(String name, String otherwise) {
        var value = text(name);
        return value == null ? otherwise : value;
    }

    /** A value as it is, blanks included: a password or a key. Null when it is unset. */
    public @Nullable String secret(String name) {
        var value = env.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** A whole number within bounds, both included. */
    public int integer(String name, int otherwise, int min, int max) {
        return Math.toIntExact(number(name, otherwise, min, max));
    }

    /** A whole number within bounds, both included. */
    public long number(String name, long otherwise, long min, long max) {
        var value = text(name);
        if (value == null) return otherwise;
        try {
            var number = new BigInteger(value);
            if (number.compareTo(BigInteger.valueOf(min)) >= 0 && number.compareTo(BigInteger.valueOf(max)) <= 0) {
                return number.longValueExact();
            }
        } catch (NumberFormatException _) {
            // named below
        }
        problem(name + " must be a whole number from " + min + " to " + max + ", not " + value);
        return otherwise;
    }

    /** A length of time within bounds, both included, as ISO 8601 writes it: {@code PT25S}, {@code P7D}. */
    public Duration duration(String name, String otherwise, String min, String max) {
        var value = text(name, otherwise);
        try {
            var duration = Duration.parse(value);
            if (duration.compareTo(Duration.parse(min)) >= 0 && duration.compareTo(Duration.parse(max)) <= 0) {
                return duration;
            }
        } catch (DateTimeParseException _) {
            // named below
        }
        problem(name + " must be a duration from " + min + " to " + max + ", such as " + otherwise + ", not " + value);
        return Duration.parse(otherwise);
    }

    /** One of several words; the first is the default. */
    public String choice(String name, String... words) {
        var value = text(name, words[0]);
        if (List.of(words).contains(value)) return value;
        problem(name + " is " + String.join(" or ", words) + ", not " + value);
        return words[0];
    }

    /** A URL of HTTP, with a host. */
    public URI httpUrl(String name, String otherwise) {
        var value = text(name, otherwise);
        try {
            var url = new URI(value);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null)
                return url;
        } catch (URISyntaxException _) {
            // named below
        }
        problem(name + " must be a URL such as " + otherwise + ", not " + value);
        return URI.create(otherwise);
    }

    /** Notes what else cannot be used; it names the variable, the value, and what to set instead. */
    public void problem(String problem) {
        problems.add(problem);
    }

    /**
     * Called when everything was read.
     *
     * @throws IllegalArgumentException naming, in one line, each variable that cannot be used
     */
    public void check() {
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }
}
