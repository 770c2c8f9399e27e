package io.rejoin.router.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.router.kafka.TestLog;
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
    void theUsedShareIsReadAfterFullCollections(String collector) throws Exception {
        var arguments = folder.resolve("java.args");
        var classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Files.writeString(arguments, "-Xmx200m " + collector + " -cp \"" + classPath + "\"");
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + arguments, MemoryUser.class.getName()).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeThat(output).doesNotContain("not supported"); // some JDK vendors do not ship Shenandoah
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** The program that runs in the other JVM: uses memory and checks the readings. */
    static final class MemoryUser {
        private static final int MIB = 1024;
        private static final List<byte[]> retained = new ArrayList<>();
        private static volatile byte[] garbage = {};

        private MemoryUser() {}

        public static void main(String[] args) {
            allocate(10);
            var before = collections();
            for (var n = 0; n < 1_000 * MIB; n++) garbage = new byte[1_000];
            var youngCollections = youngCollections();
            if (youngCollections > 0) // young collections of Shenandoah cannot be told from others
                assertThat(collections() - before).as("of %s young ones", youngCollections)
                        .isLessThan(youngCollections);

            allocate(100);
            System.gc();
            await().atMost(TestLog.TIMEOUT).until(() -> Heap.afterCollection().usedShare() > 0.5);
            var beforeRelease = collections();
            retained.clear();
            System.gc();
            await().atMost(TestLog.TIMEOUT).until(() -> Heap.afterCollection().usedShare() < 0.2);
            assertThat(collections()).isGreaterThan(beforeRelease);
            assertThat(garbage).isNotEmpty();
        }

        private static long collections() {
            var reading = Heap.afterCollection();
            return reading.concurrentCollections() + reading.fullCollections();
        }

        private static void allocate(int mib) {
            for (var n = 0; n < mib * MIB; n++) retained.add(new byte[1_000]);
        }

        private static long youngCollections() {
            return ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .filter(collector -> Stream.of("Young Generation", "Copy", "Scavenge", "Minor Cycles")
                            .anyMatch(collector.getName()::contains))
                    .mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
        }
    }
}
