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
 * The JDBC URL of a PostgreSQL database, taken apart: its secrets go to the driver beside it, so that no library that logs or
 * quotes a URL can tell them.
 *
 * @param url     without them
 * @param secrets the parameters that were taken out, by name
 */
public record JdbcUrl(String url, Map<String, String> secrets) {
    private static final String EXAMPLE = "such as jdbc:postgresql://127.0.0.1:5432/rejoin";
    private static final Pattern USER_INFO = Pattern.compile("jdbc:postgresql://[^/?]*@.*");

    /** The driver's: it prints to standard error, with pieces of the URL, what it answers or throws as well. */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql");

    static {
        DRIVER.setLevel(Level.OFF);
    }

    public JdbcUrl {
        secrets = Map.copyOf(secrets);
    }

    /** @throws IllegalArgumentException if it is none; the message goes on after the variable's name, and tells no secret */
    static JdbcUrl of(String text) {
        if (!text.startsWith("jdbc:postgresql:"))
            throw new IllegalArgumentException("must begin with jdbc:postgresql:, " + EXAMPLE);
        if (USER_INFO.matcher(text).matches())
            throw new IllegalArgumentException("must not hold a user and a password before the host, as in "
                    + Secrets.masked(text) + "; set HISTORY_DB_USER and HISTORY_DB_PASSWORD");
        if (!isUnderstood(text))
            throw new IllegalArgumentException("must be a JDBC URL " + EXAMPLE + ", not " + Secrets.masked(text));
        var question = text.indexOf('?');
        if (question < 0) return new JdbcUrl(text, Map.of());
        var parameters = Arrays.stream(text.substring(question + 1).split("&")).filter(each -> !each.isEmpty())
                .toList();
        var secrets = new TreeMap<String, String>();
        for (var parameter : parameters) {
            if (isSecret(parameter)) secrets.put(name(parameter), value(parameter));
        }
        var rest = parameters.stream().filter(Predicate.not(JdbcUrl::isSecret)).collect(Collectors.joining("&"));
        return new JdbcUrl(text.substring(0, question) + (rest.isEmpty() ? "" : "?" + rest), secrets);
    }

    private static boolean isUnderstood(String url) {
        return DriverManager.drivers().anyMatch(driver -> {
            try {
                return driver.acceptsURL(url);
            } catch (SQLException _) {
                return false;
            }
        });
    }

    /** As the driver reads it. */
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
    String place() {
        return url.substring("jdbc:postgresql:".length()).replaceFirst("^//", "").replaceFirst("\\?.*", "");
    }
}
