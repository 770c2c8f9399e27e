package io.rejoin.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.env.Secrets;
import io.rejoin.contracts.env.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SaslConfigs;
import org.jspecify.annotations.Nullable;

/**
 * The settings of Kafka's clients that an operator sets by variables. {@code KAFKA_SECURITY_PROTOCOL} sets
 * {@code security.protocol}, and so on. A variable with {@code _FILE} appended names a file with the value, because
 * secrets are often mounted as files.
 *
 * @param values by Kafka's names of the settings
 */
record ClientSettings(Map<String, String> values) {
    static final ClientSettings NONE = new ClientSettings(Map.of());

    private static final String OURS = "KAFKA_";
    private static final String FILE = "_FILE";
    /** Maximum size of such a file; larger than any certificate chain. */
    private static final long MAX_BYTES = 1 << 20;
    private static final int LINGER_MOST = 1_000;
    /** Variables that Kafka's own scripts and images read; they are not client settings. */
    private static final Pattern SCRIPTS = Pattern
            .compile("KAFKA_(HOME|VERSION|DEBUG|OPTS|.*_OPTS|JMX_PORT|BOOTSTRAP_SERVERS)");
    /**
     * SASL mechanisms whose login asks no other server. So their settings can be tested before any server is available.
     */
    private static final Set<String> LOCAL_LOGINS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");
    private static final Pattern USER = Pattern
            .compile("\\busername\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|([^\\s;]+))");

    /** All settings of Kafka's clients, by name. */
    private static final SortedMap<String, ConfigDef.ConfigKey> KNOWN = known();

    ClientSettings {
        values = Map.copyOf(values);
    }

    private static SortedMap<String, ConfigDef.ConfigKey> known() {
        var known = new TreeMap<String, ConfigDef.ConfigKey>();
        for (var client : new ConfigDef[]{AdminClientConfig.configDef(), ProducerConfig.configDef(),
                ConsumerConfig.configDef()})
            known.putAll(client.configKeys());
        known.keySet().removeIf(name -> name.startsWith("internal.") || name.equals("bootstrap.servers"));
        return known;
    }

    /** Returns the name of the variable for a setting. */
    static String variable(String setting) {
        return OURS + setting.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /**
     * Reads the settings from the environment. Unusable values become problems of {@code settings}. If there are none,
     * this opens a client to test that the settings work together.
     */
    static ClientSettings read(Settings settings) {
        var values = new HashMap<String, String>();
        var before = settings.problems();
        for (var name : settings.names(OURS)) {
            if (!SCRIPTS.matcher(name).matches()) read(settings, name, values);
        }
        var found = new ClientSettings(values);
        if (settings.problems() == before && !values.isEmpty()) found.tryOut(settings);
        return found;
    }

    private static void read(Settings settings, String name, Map<String, String> values) {
        var setting = setting(name);
        var isFile = !KNOWN.containsKey(setting) && name.endsWith(FILE);
        if (isFile) setting = setting(name.substring(0, name.length() - FILE.length()));
        var key = KNOWN.get(setting);
        if (key == null) {
            settings.problem(unknown(name));
            return;
        }
        if (LockedSettings.isRefused(setting)) {
            settings.problem(name + " cannot be set: " + LockedSettings.reason(setting));
            return;
        }
        var value = isFile ? content(settings, name) : settings.secret(name);
        if (value == null) return;
        if (values.putIfAbsent(setting, value) != null) {
            settings.problem(variable(setting) + " and " + variable(setting) + FILE + " are both set; unset one");
            return;
        }
        var problem = problem(key, value);
        if (problem != null) settings.problem(name + " " + problem);
    }

    private static String setting(String variable) {
        return variable.substring(OURS.length()).toLowerCase(Locale.ROOT).replace('_', '.');
    }

    private static String unknown(String name) {
        var known = KNOWN.keySet().stream().filter(setting -> !LockedSettings.isRefused(setting))
                .map(ClientSettings::variable).toList();
        return name + " is not a setting of Kafka's clients; did you mean "
                + String.join(" or ", Settings.nearest(name, known, 3))
                + "? Kafka's documentation lists all settings, under Admin, Producer and Consumer Configs";
    }

    private static @Nullable String content(Settings settings, String name) {
        var path = settings.text(name, "");
        try {
            var file = Path.of(path);
            if (Files.size(file) > MAX_BYTES) {
                settings.problem(name + ": the file " + path + " is larger than a megabyte");
                return null;
            }
            return Files.readString(file, UTF_8).replaceFirst("\\r?\\n\\z", "");
        } catch (NoSuchFileException _) {
            settings.problem(name + ": there is no file " + Settings.shown(path));
        } catch (IOException | InvalidPathException e) {
            settings.problem(name + ": the file " + Settings.shown(path) + " cannot be read: " + e);
        }
        return null;
    }

    /** Returns why Kafka refuses a value; null if it accepts the value. */
    private static @Nullable String problem(ConfigDef.ConfigKey key, String value) {
        if (key.name.equals(ProducerConfig.LINGER_MS_CONFIG) && !value.strip().matches("\\d{1,3}|1000"))
            return "must be a whole number from 0 to " + LINGER_MOST + ": messages wait for that many milliseconds";
        try {
            var parsed = ConfigDef.parseType(key.name, value, key.type);
            if (key.validator != null) key.validator.ensureValid(key.name, parsed);
            return null;
        } catch (ConfigException e) {
            return "is refused by Kafka's client: "
                    + (isSecret(key.name)
                            ? "the value is invalid"
                            : Settings.shown(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Opens a client to test the settings. A client reads certificates and login data when it is created, and connects
     * only later. A login that asks another server, as with Kerberos and OAuth, is not tested here. It is tested at the
     * start, which can wait for that server.
     */
    private void tryOut(Settings settings) {
        var protocol = values.getOrDefault(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "").toUpperCase(Locale.ROOT);
        var mechanism = values.getOrDefault(SaslConfigs.SASL_MECHANISM, SaslConfigs.DEFAULT_SASL_MECHANISM);
        if (protocol.startsWith("SASL") && !LOCAL_LOGINS.contains(mechanism)) return;
        var all = of(AdminClientConfig.configDef());
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:9"); // broker names need not resolve yet
        all.remove(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG); // KafkaAccess limits this setting
        try {
            Admin.create(all).close(Duration.ZERO);
        } catch (KafkaException e) {
            settings.problem(problem(e));
        }
    }

    /** Returns the settings that a client of this kind knows. */
    Map<String, Object> of(ConfigDef client) {
        var known = client.configKeys();
        var some = new HashMap<String, Object>(values);
        some.keySet().retainAll(known.keySet());
        return some;
    }

    /**
     * Explains why a client cannot be opened with these settings. Names the variables that the failure mentions, or all
     * of them.
     */
    String problem(KafkaException failure) {
        var said = KafkaAccess.explained(failure);
        for (var each : values.entrySet()) {
            if (isSecret(each.getKey()) && !each.getValue().isBlank()) said = said.replace(each.getValue(), "***");
        }
        var words = said;
        var named = values.entrySet().stream().filter(entry -> words.contains(entry.getKey())
                || (!isSecret(entry.getKey()) && entry.getValue().length() > 3 && words.contains(entry.getValue())))
                .map(entry -> variable(entry.getKey())).sorted().toList();
        var suspects = named.isEmpty()
                ? values.keySet().stream().map(ClientSettings::variable).sorted().toList()
                : named;
        return "cannot open a Kafka client with " + String.join(", ", suspects) + ": " + said;
    }

    /**
     * The name of this service for the broker, if the login has a user name. With a certificate or token only the
     * broker knows the name; then this is a placeholder.
     */
    String principal() {
        var user = USER.matcher(values.getOrDefault(SaslConfigs.SASL_JAAS_CONFIG, ""));
        if (!user.find()) return "User:...";
        return "User:" + Stream.of(user.group(1), user.group(2), user.group(3)).filter(Objects::nonNull)
                .findFirst().orElse("...");
    }

    private static boolean isSecret(String setting) {
        var key = KNOWN.get(setting);
        return key == null || key.type == ConfigDef.Type.PASSWORD;
    }

    /** Omits secrets. */
    @Override
    public String toString() {
        return new TreeMap<>(values).entrySet().stream()
                .map(entry -> entry.getKey() + "="
                        + (isSecret(entry.getKey()) ? "***" : Secrets.masked(entry.getValue())))
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
