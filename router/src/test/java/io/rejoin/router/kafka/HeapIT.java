package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The heap usage is read correctly with every collector of the JVM, each in its own JVM. */
class HeapIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseG1GC", "-XX:+UseZGC",
            "-XX:+UseShenandoahGC", "-XX:+UseShenandoahGC -XX:ShenandoahGCMode=generational"})
    void itIsReadAfterWholeCollections(String collector) throws Exception {
        var arguments = folder.resolve("java.args");
        var classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Files.writeString(arguments, "-Xmx200m " + collector + " -cp \"" + classPath + "\"");
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + arguments, User.class.getName()).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeThat(said).doesNotContain("not supported"); // some JDK vendors do not ship Shenandoah
        assertThat(process.waitFor()).as(said).isZero();
    }

    /** The program that runs in the other JVM: uses memory and checks the readings. */
    static final class User {
        private static final int MIB = 1024;
        private static final List<byte[]> used = new ArrayList<>();
        private static volatile byte[] garbage = {};

        private User() {}

        public static void main(String[] args) {
            use(10);
            var before = collections();
            for (var n = 0; n < 1_000 * MIB; n++) garbage = new byte[1_000];
            var young = young();
            if (young > 0) // young collections of Shenandoah cannot be told from others
                assertThat(collections() - before).as("of %s young ones", young)
                        .isLessThan(young);

            use(100);
            System.gc();
            await().atMost(TestLog.PATIENCE).until(() -> Heap.afterCollection().share() > 0.5);
            var whole = collections();
            used.clear();
            System.gc();
            await().atMost(TestLog.PATIENCE).until(() -> Heap.afterCollection().share() < 0.2);
            assertThat(collections()).isGreaterThan(whole);
            assertThat(garbage).isNotEmpty();
        }

        private static long collections() {
            var reading = Heap.afterCollection();
            return reading.concurrent() + reading.full();
        }

        private static void use(int mib) {
            for (var n = 0; n < mib * MIB; n++) used.add(new byte[1_000]);
        }

        private static long young() {
            return ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .filter(one -> Stream.of("Young Generation", "Copy", "Scavenge", "Minor Cycles")
                            .anyMatch(one.getName()::contains))
                    .mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
        }
    }
}
