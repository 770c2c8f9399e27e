package io.rejoin.contracts.env;

import java.io.IOException;
import java.math.BigInteger;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the environment variables of a service. An empty variable counts as unset. A value that cannot be used is
 * recorded as a problem, and the default is used instead. {@link #check} then reports all problems at once. Confined to
 * one thread.
 */
public final class Settings {
    private static final int MAX_SHOWN = 200;
    /**
     * Address of a server such as a Kafka broker: host name or IP address, and port; optionally with a protocol before.
     */
    private static final Pattern ADDRESS = Pattern
            .compile("(?:[A-Za-z][A-Za-z0-9_+.-]*://)?(?:\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+):([0-9]{1,5})");

    private static final Pattern SHARED_SECRET = Pattern.compile("[!-~]{16,1000}");

    private final Map<String, String> env;
    private final Set<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    public Settings(Map<String, String> env) {
        this.env = Map.copyOf(env);
    }

    /**
     * Returns the value of a variable, without blanks around it; null if it is unset. Ignores values that Kubernetes
     * sets for a Service of that name, such as {@code EDGE_PORT=tcp://10.0.0.1:80}.
     */
    public @Nullable String text(String name) {
        known.add(name);
        var value = env.get(name);
        if (value == null || value.isBlank() || ServiceLinks.isServiceLink(name, value)) return null;
        return value.strip();
    }

    public String text(String name, String otherwise) {
        var value = text(name);
        return value == null ? otherwise : value;
    }

    /** Returns a password or key unchanged, with its blanks; null if it is unset. */
    public @Nullable String secret(String name) {
        known.add(name);
        var value = env.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /**
     * Returns the names of the set variables with this prefix, sorted. Omits variables that Kubernetes sets for a
     * Service.
     */
    public SortedSet<String> names(String prefix) {
        var names = new TreeSet<String>();
        env.forEach((name, value) -> {
            if (name.startsWith(prefix) && !value.isEmpty() && !ServiceLinks.isServiceLink(name, value))
                names.add(name);
        });
        return names;
    }

    /** Returns the known names that are most similar to a misspelled one; the most similar first. */
    public static List<String> nearest(String name, Collection<String> known, int most) {
        return known.stream().sorted(Comparator.comparingInt(one -> Misspellings.distance(name, one))).limit(most)
                .toList();
    }

    /**
     * Returns a secret that two of our services share and send in an HTTP header, without blanks around it; null if it
     * is unset.
     */
    public @Nullable String sharedSecret(String name) {
        var value = text(name);
        if (value == null) return null;
        if (!SHARED_SECRET.matcher(value).matches())
            problem(name + " must have 16 to 1000 ASCII characters, without blanks");
        return value;
    }

    /** Returns a whole number; both bounds are inclusive. */
    public int integer(String name, int otherwise, int min, int max) {
        return Math.toIntExact(number(name, otherwise, min, max));
    }

    /** Returns a whole number; both bounds are inclusive. */
    public long number(String name, long otherwise, long min, long max) {
        var value = text(name);
        if (value == null) return otherwise;
        try {
            var number = new BigInteger(value);
            if (number.compareTo(BigInteger.valueOf(min)) >= 0 && number.compareTo(BigInteger.valueOf(max)) <= 0) {
                return number.longValueExact();
            }
        } catch (NumberFormatException _) {
            // reported below
        }
        problem(name + " must be a whole number from " + min + " to " + max + ", not " + shown(value));
        return otherwise;
    }

    /** Returns a duration in ISO 8601 form, such as {@code PT25S} or {@code P7D}; both bounds are inclusive. */
    public Duration duration(String name, String otherwise, String min, String max) {
        var value = text(name, otherwise);
        try {
            var duration = Duration.parse(value);
            if (duration.compareTo(Duration.parse(min)) >= 0 && duration.compareTo(Duration.parse(max)) <= 0) {
                return duration;
            }
        } catch (DateTimeParseException _) {
            // reported below
        }
        problem(name + " must be a duration from " + min + " to " + max + ", such as " + otherwise + ", not "
                + shown(value));
        return Duration.parse(otherwise);
    }

    /** Returns one of several words; the first is the default. */
    public String choice(String name, String... words) {
        var value = text(name, words[0]);
        if (List.of(words).contains(value)) return value;
        problem(name + " must be " + String.join(" or ", words) + ", not " + shown(value));
        return words[0];
    }

    /** Returns an HTTP or HTTPS URL with a host. */
    public URI httpUrl(String name, String otherwise) {
        var value = text(name, otherwise);
        try {
            var url = new URI(value);
            var isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (isHttp && url.getHost() != null && url.getPort() <= 65_535) return url;
        } catch (URISyntaxException _) {
            // reported below
        }
        problem(name + " must be a URL such as " + otherwise + ", not " + shown(value));
        return URI.create(otherwise);
    }

    /** Returns brokers as {@code host:port}, separated by commas. The names need not resolve yet. */
    public String brokers(String name, String otherwise) {
        var text = text(name, otherwise);
        var addresses = Stream.of(text.split(",")).map(String::strip).filter(each -> !each.isEmpty()).toList();
        if (!addresses.isEmpty() && addresses.stream().allMatch(Settings::isAddress))
            return String.join(",", addresses);
        var wrong = addresses.stream().filter(each -> !isAddress(each)).findFirst().orElse(text);
        problem(name + " must be host:port, several with commas, such as " + otherwise + ", not " + shown(wrong));
        return otherwise;
    }

    private static boolean isAddress(String text) {
        var parts = ADDRESS.matcher(text);
        return parts.matches() && Integer.parseInt(parts.group(1)) <= 65_535;
    }

    /** Whether a server that listens on this host can be reached only from this machine. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    /** Returns a host name or address of this machine, to listen on. */
    public String listenHost(String name, String otherwise) {
        var host = text(name, otherwise);
        try (var _ = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return host;
        } catch (UnknownHostException _) {
            problem(name + " must be an address of this machine, such as 0.0.0.0 for all; this name does not resolve: "
                    + shown(host));
        } catch (BindException e) {
            problem(name + " must be an address of this machine, such as 0.0.0.0 for all, not " + shown(host) + " ("
                    + e.getMessage() + ")");
        } catch (IOException _) {
            return host; // not a problem of the address; the server reports it when it starts to listen
        }
        return otherwise;
    }

    /** The number of problems so far. */
    public int problems() {
        return problems.size();
    }

    /**
     * Adds a problem that the caller has found. The text names the variable and its value, and says what to set
     * instead.
     */
    public void problem(String problem) {
        problems.add(problem);
    }

    /**
     * Reports the problems. Call it after all variables were read.
     *
     * @throws IllegalArgumentException if there are problems; the message is one line with all of them
     */
    public void check() {
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /**
     * Returns one line for each variable that looks like one of ours, but is none. Such a spelling error would
     * otherwise go unnoticed.
     */
    public List<String> warnings() {
        return Misspellings.of(env, known);
    }

    /** Makes a value fit to show: one line of limited length, without secrets. */
    public static String shown(String value) {
        var line = Secrets.masked(value).replaceAll("\\p{Cntrl}", " ");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
    }
}
