package io.rejoin.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The main class of the broker's own JVM. Formats the log folder on the first start, runs broker and controller, and
 * prints {@link #READY} when clients are served. Ends on SIGTERM. Also ends when its standard input ends, because the
 * parent is then gone.
 */
public final class BrokerMain {
    /** The line that is printed when clients are served. */
    static final String READY = "rejoin broker ready";
    private static final Uuid CLUSTER = new Uuid(0x72656a6f696e2e69L, 0x6f2e6b61666b6131L);

    private BrokerMain() {}

    /** Takes one argument: the file with the broker's properties. */
    public static void main(String[] args) {
        Thread.ofPlatform().daemon().name("parent-watch").start(BrokerMain::haltWithParent);
        try {
            serve(Path.of(args[0]));
        } catch (Exception | LinkageError e) { // the controller's threads may run and would keep the JVM alive
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static void serve(Path file) throws Exception {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        format(properties);
        var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(server::shutdown));
        server.startup();
        System.out.println(READY);
        server.awaitShutdown();
    }

    /**
     * Formats the log folder unless it is formatted already. Completes an interrupted format; that works because the
     * cluster's id is a constant.
     */
    private static void format(Properties properties) throws Exception {
        var said = new ByteArrayOutputStream();
        var formatter = new Formatter().setPrintStream(new PrintStream(said, true))
                .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                .setReleaseVersion(MetadataVersion.latestProduction()).setIgnoreFormatted(true)
                .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
                .setClusterId(CLUSTER.toString())
                .setControllerListenerName(properties.getProperty("controller.listener.names"))
                .setMetadataLogDirectory(properties.getProperty("log.dirs"))
                .addDirectory(properties.getProperty("log.dirs"));
        formatter.run();
    }

    /**
     * Halts this JVM when the parent is gone, for systems without a parent-death signal. The parent never writes to
     * this stream, so a read returns only at its end.
     */
    private static void haltWithParent() {
        try {
            while (System.in.read() >= 0) {
            } // skip
        } catch (IOException _) {
            // treated like the end of the stream
        }
        Runtime.getRuntime().halt(1);
    }
}
