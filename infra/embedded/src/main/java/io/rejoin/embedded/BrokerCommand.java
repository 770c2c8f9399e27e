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

/** The broker's properties file and the command that runs {@link BrokerMain} with it, both written into its data folder. */
final class BrokerCommand {
    private BrokerCommand() {}

    /**
     * Writes the properties; the folder {@code log} below {@code data} holds the records.
     *
     * @param listeners where clients connect; the first one is also the broker's own
     * @param settings  of the broker; they count where it does not need it otherwise
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

    /** What does not depend on where the broker is. */
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
        properties.put("group.min.session.timeout.ms", 500); // routers ask for 1500: a quick takeover
        properties.put("group.consumer.min.session.timeout.ms", 500);
        properties.put("group.consumer.session.timeout.ms", 1500);
        properties.put("group.consumer.min.heartbeat.interval.ms", 200);
        properties.put("group.consumer.heartbeat.interval.ms", 400);
        // after a kill, the registration of the broker's former life must expire before it may come back
        properties.put("broker.session.timeout.ms", 1500);
        properties.put("broker.heartbeat.interval.ms", 500);
        restful(properties);
    }

    /** What keeps a broker busy that nobody asks anything. */
    private static void restful(Map<String, Object> properties) {
        properties.put("metadata.max.idle.interval.ms", 0); // no record twice a second that tells other controllers nothing
        properties.put("num.network.threads", 2); // each of these wakes up three times a second, whatever comes
        properties.put("num.io.threads", 4);
        properties.put("log.cleaner.dedupe.buffer.size", 16 * 1024 * 1024); // it is taken at the start, 128 MB by default
    }

    /** The JVM's command line: the parent's JDK and class path, the latter in a file because it is long. */
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

    /** Surefire and Failsafe may start a JVM with one jar that only has a manifest, and say here what it stands for. */
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
