package io.rejoin.e2e;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A class data sharing (CDS) archive of the services' classes, like the one in the services' images. It halves the
 * start time of a JVM. It is made once, by a whole system in which a client posts. The system property {@code
 * rejoin.e2e.archive} names the file. Without the property, as in measurements, there is no archive.
 */
final class ClassArchive {
    private static final String FILE = System.getProperty("rejoin.e2e.archive", "");
    private static final Duration BOUND = Duration.ofMinutes(2);

    private static final class Made {
        private static final List<String> OPTIONS = options(made());
    }

    private ClassArchive() {}

    /** JVM options to start from the archive; empty without one. */
    static List<String> options() {
        return FILE.isEmpty() ? List.of() : Made.OPTIONS;
    }

    /**
     * The class path of these tests. With an archive it has no folders, because an archive supports none. Services need
     * none: only tests' classes are in folders.
     */
    static String classPath() {
        var all = System.getProperty("java.class.path");
        if (FILE.isEmpty()) return all;
        return entries().filter(entry -> !Files.isDirectory(entry)).map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Stream<Path> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).map(Path::of);
    }

    /** Adds the tests' logback configuration, as if its folder were on the class path. */
    private static List<String> options(List<String> more) {
        return Stream.concat(entries().map(folder -> folder.resolve("logback-test.xml")).filter(Files::exists).limit(1)
                .map(file -> "-Dlogback.configurationFile=" + file.toAbsolutePath()), more.stream()).toList();
    }

    private static List<String> made() {
        try {
            var fresh = Path.of(FILE + ".new");
            learn(fresh);
            return List.of("-XX:SharedArchiveFile="
                    + Files.move(fresh, Path.of(FILE), StandardCopyOption.REPLACE_EXISTING).toAbsolutePath());
        } catch (IOException | RuntimeException | AssertionError e) { // the tests also run without an archive
            System.err.println("services start slowly, because the archive of their classes cannot be made: " + e);
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static void learn(Path file) throws IOException, InterruptedException {
        var port = Cluster.freePort();
        var output = Path.of(FILE + ".log");
        var options = options(List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-XX:ArchiveClassesAtExit=" + file));
        var process = new ProcessBuilder(Jvm.commandWithout(options, "io.rejoin.standalone.StandaloneMain", "--fresh",
                "--data", FILE + ".data", "--port", "" + port)).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        try {
            await().atMost(BOUND)
                    .until(() -> !process.isAlive() || Files.readString(output).contains("ready"));
            if (!process.isAlive()) throw new IOException("the process ended; " + output + " has the reason");
            talk(port);
            process.destroy();
            process.waitFor(BOUND);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void talk(int port) {
        try (var client = Client.connect(URI.create("ws://127.0.0.1:" + port + "/ws/learn?name=ann&after=0"))) {
            client.await("join_ack");
            client.post("learn", "m1", "hello");
            client.await("ack");
        }
    }
}
