package io.rejoin.embedded;

import java.nio.file.Path;

/** A parent process for tests to kill. Starts both servers below the given folder, prints their pids, and waits. */
final class ParentMain {
    private ParentMain() {}

    public static void main(String[] args) throws InterruptedException {
        var folder = Path.of(args[0]);
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
                var postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0)) {
            System.out.println("pids " + kafka.pid() + " " + postgres.pid());
            Thread.currentThread().join();
        }
    }
}
