package io.rejoin.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** The process that started a container, recorded in the container's labels. */
final class Owner {
    /** The label of the scope in which a pid is unique: the machine, and on Linux also the pid namespace. */
    static final String PLACE = "io.rejoin.tests.place";
    /** The label of the process: its pid and its start time. */
    static final String PROCESS = "io.rejoin.tests.process";

    private Owner() {}

    /** The labels for containers of this process. */
    static Map<String, String> labels() {
        return Map.of(PLACE, place(), PROCESS, text(ProcessHandle.current()));
    }

    static String place() {
        try {
            var namespace = Path.of("/proc/self/ns/pid");
            return InetAddress.getLocalHost().getHostName()
                    + (Files.exists(namespace) ? "/" + Files.readSymbolicLink(namespace) : "");
        } catch (UnknownHostException e) {
            return "unknown"; // a host without a name has an engine of its own
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read this process's namespace", e);
        }
    }

    /** Whether the process in the labels is alive. Its start time must match the label, because pids are reused. */
    static boolean isAlive(Map<String, String> labels) {
        var label = labels.getOrDefault(PROCESS, "");
        return label.matches("\\d+@.*") && ProcessHandle.of(Long.parseLong(label.substring(0, label.indexOf('@'))))
                .filter(ProcessHandle::isAlive).map(Owner::text).filter(label::equals).isPresent();
    }

    private static String text(ProcessHandle process) {
        return process.pid() + "@" + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
