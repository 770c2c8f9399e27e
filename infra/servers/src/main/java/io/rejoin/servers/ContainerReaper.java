package io.rejoin.servers;

import java.io.IOException;
import java.util.Map;

/**
 * Starts a child process that removes this JVM's containers when the JVM has ended, even after a kill. The child
 * notices the end by the end of its standard input. Where the docker command is missing, {@link DockerEngine#sweep} of
 * the next JVM removes the containers.
 */
final class ContainerReaper {
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            command -v docker >/dev/null || exit 0
            cat >/dev/null
            containers=$(docker ps -aq --filter "label=$1" --filter "label=$2")
            [ -z "$containers" ] || docker rm -f -v $containers
            """;

    private ContainerReaper() {}

    static void begin() {
        var labels = Owner.labels().entrySet().stream().map(Map.Entry::toString).sorted().toList();
        try {
            new ProcessBuilder("sh", "-c", SCRIPT, "mourner", labels.getFirst(), labels.getLast())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException _) {
            // no shell: the next JVM's sweep removes the containers
        }
    }
}
