package io.rejoin.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the broker's properties file and builds the command line that runs {@link BrokerMain} with it. Its files go
 * into the data folder.
 */
final class BrokerCommand {
    private BrokerCommand() {}

    /**
     * Writes the properties file. The broker stores records in the folder {@code log} below {@code data}.
     *
     * @param listeners where clients connect; the broker itself uses the first one
     * @param settings  further settings of the broker. They replace the defaults for a small and quiet broker. They do
     *                  not replace the settings for a single node, its listeners and its folder
     */
    static Path properties(Path data, List<EmbeddedKafka.Listener> listeners, Map<String, String> settings,
            int controllerPort) throws IOException {
        var properties = new TreeMap<String, Object>();
        smallAndQuick(properties);
        properties.putAll(settings);
        oneReplica(properties);
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", 1);
        var controller = new EmbeddedKafka.Listener("CONTROLLER", controllerPort, controllerPort);
        var all = Stream.concat(listeners.stream(), Stream.of(controller)).toList();
        properties.put("listeners", joined(all, listener -> listener.name() + "://127.0.0.1:" + listener.port()));
        properties.put("advertised.listeners",
                joined(listeners, listener -> listener.name() + "://127.0.0.1:" + listener.advertised()));
        properties.put("listener.security.protocol.map",
                joined(all, listener -> listener.name() + ":" + listener.protocol()));
        properties.put("inter.broker.listener.name", listeners.getFirst().name());
        properties.put("controller.listener.names", controller.name());
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.put("log.dirs", data.resolve("log"));
        var file = data.resolve("broker.properties");
        Files.write(file, properties.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + String.valueOf(entry.getValue()).replace("\\", "\\\\")).toList());
        return file;
    }

    private static String joined(List<EmbeddedKafka.Listener> listeners,
            Function<EmbeddedKafka.Listener, String> text) {
        return listeners.stream().map(text).collect(Collectors.joining(","));
    }

    /** The settings that do not depend on the broker's address or folder. */
    static Map<String, String> settings() {
        var properties = new TreeMap<String, Object>();
        smallAndQuick(properties);
        oneReplica(properties);
        return properties.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString()));
    }

    private static void oneReplica(Map<String, Object> properties) {
        properties.put("auto.create.topics.enable", false);
        for (var topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic"))
            properties.put(topic + ".replication.factor", 1);
        properties.put("default.replication.factor", 1);
        properties.put("min.insync.replicas", 1);
        properties.put("transaction.state.log.min.isr", 1);
        properties.put("share.coordinator.state.topic.min.isr", 1);
    }

    private static void smallAndQuick(Map<String, Object> properties) {
        properties.put("offsets.topic.num.partitions", 4);
        properties.put("transaction.state.log.num.partitions", 4);
        properties.put("group.initial.rebalance.delay.ms", 0);
        properties.put("group.min.session.timeout.ms", 500); // routers use 1500 ms, for a quick takeover
        properties.put("group.consumer.min.session.timeout.ms", 500);
        properties.put("group.consumer.session.timeout.ms", 1500);
        properties.put("group.consumer.min.heartbeat.interval.ms", 200);
        properties.put("group.consumer.heartbeat.interval.ms", 400);
        // After a kill, the broker can register again only when its earlier registration has expired.
        properties.put("broker.session.timeout.ms", 1500);
        properties.put("broker.heartbeat.interval.ms", 500);
        quietWhenIdle(properties);
    }

    /** Turns off or shrinks work that an idle broker would do. */
    private static void quietWhenIdle(Map<String, Object> properties) {
        properties.put("metadata.max.idle.interval.ms", 0); // no empty record every 500 ms; no controller needs it
        properties.put("num.network.threads", 2); // each of these threads wakes up three times a second, even when idle
        properties.put("num.io.threads", 4);
        properties.put("log.cleaner.dedupe.buffer.size", 16 * 1024 * 1024); // allocated at startup, 128 MB by default
    }

    /**
     * The command line of the broker's JVM. The JVM uses the parent's JDK and class path. The class path is passed in a
     * file, because it is long.
     */
    static List<String> command(Path data, Path properties, List<String> options) throws IOException {
        var arguments = data.resolve("broker.args");
        Files.write(arguments, List.of("-cp", quoted(classPath())));
        var java = Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-Dlogback.configurationFile=io/rejoin/embedded/broker-logback.xml");
        var main = Stream.of("@" + arguments, BrokerMain.class.getName(), properties.toString());
        return Stream.of(java, options.stream(), main).flatMap(part -> part).toList();
    }

    /**
     * The class path of this JVM. Surefire and Failsafe may start the JVM with a single jar that has only a manifest.
     * They then set this property to the real class path.
     */
    private static String classPath() {
        var path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var separator = System.getProperty("path.separator");
        return Stream.of(path.split(separator, -1)).filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(separator));
    }

    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
