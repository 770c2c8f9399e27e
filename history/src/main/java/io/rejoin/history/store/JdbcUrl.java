package io.rejoin.history.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.env.Secrets;
import java.net.URLDecoder;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The JDBC URL of a PostgreSQL database, without its secrets. The secrets go to the driver as separate properties: so
 * no library that logs or quotes the URL can reveal them.
 *
 * @param url     the URL without the secrets
 * @param secrets the removed parameters, by name
 */
public record JdbcUrl(String url, Map<String, String> secrets) {
    private static final String EXAMPLE = "such as jdbc:postgresql://127.0.0.1:5432/rejoin";
    private static final Pattern USER_INFO = Pattern.compile("jdbc:postgresql://[^/?]*@.*");

    /**
     * The driver's logger, switched off: it prints parts of the URL, and the driver returns or throws the same
     * problems.
     */
    private static final Logger DRIVER_LOGGER = Logger.getLogger("org.postgresql");

    static {
        DRIVER_LOGGER.setLevel(Level.OFF);
    }

    public JdbcUrl {
        secrets = Map.copyOf(secrets);
    }

    /**
     * Parses a URL.
     *
     * @throws IllegalArgumentException if the URL is invalid; the message follows the variable's name and has no secret
     */
    static JdbcUrl of(String text) {
        if (!text.startsWith("jdbc:postgresql:"))
            throw new IllegalArgumentException("must begin with jdbc:postgresql:, " + EXAMPLE);
        if (USER_INFO.matcher(text).matches())
            throw new IllegalArgumentException("must not hold a user and a password before the host, as in "
                    + Secrets.masked(text) + "; set HISTORY_DB_USER and HISTORY_DB_PASSWORD");
        if (!isSupported(text))
            throw new IllegalArgumentException("must be a JDBC URL " + EXAMPLE + ", not " + Secrets.masked(text));
        var question = text.indexOf('?');
        if (question < 0) return new JdbcUrl(text, Map.of());
        var parameters = Arrays.stream(text.substring(question + 1).split("&")).filter(each -> !each.isEmpty())
                .toList();
        var secrets = new TreeMap<String, String>();
        for (var parameter : parameters) {
            if (isSecret(parameter)) secrets.put(name(parameter), value(parameter));
        }
        var otherParameters = parameters.stream().filter(Predicate.not(JdbcUrl::isSecret))
                .collect(Collectors.joining("&"));
        return new JdbcUrl(text.substring(0, question) + (otherParameters.isEmpty() ? "" : "?" + otherParameters),
                secrets);
    }

    private static boolean isSupported(String url) {
        return DriverManager.drivers().anyMatch(driver -> {
            try {
                return driver.acceptsURL(url);
            } catch (SQLException _) {
                return false;
            }
        });
    }

    /** The decoded value, as the driver decodes it. */
    private static String value(String parameter) {
        var parts = parameter.split("=", 2);
        return parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8);
    }

    private static String name(String parameter) {
        return parameter.split("=", 2)[0];
    }

    private static boolean isSecret(String parameter) {
        var probe = name(parameter) + "=x";
        return !Secrets.masked(probe).equals(probe);
    }

    /** The hosts and ports, and the database's name, for people. */
    String address() {
        return url.substring("jdbc:postgresql:".length()).replaceFirst("^//", "").replaceFirst("\\?.*", "");
    }
}
