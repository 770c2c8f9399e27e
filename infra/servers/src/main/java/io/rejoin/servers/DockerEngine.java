package io.rejoin.servers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;

/** The Docker engine that Testcontainers finds. */
final class DockerEngine implements Engine {
    private static final Duration PULL = Duration.ofSeconds(90);
    private static final Path SOCKET = Path.of("/var/run/docker.sock");

    @Override
    public String version() throws NoneException {
        refuseWithoutSocket();
        quiet();
        if (!isAvailable()) throw new NoneException("Testcontainers finds no Docker engine that answers");
        return Objects.requireNonNullElse(client().versionCmd().exec().getVersion(), "of an unknown version");
    }

    private static boolean isAvailable() throws NoneException {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException e) { // in a container, Testcontainers needs another one to find the engine
            throw new NoneException("Testcontainers cannot use the Docker engine: " + e.getMessage());
        }
    }

    /** Detects the usual case of no engine at once, and without Testcontainers' long error output. */
    private static void refuseWithoutSocket() throws NoneException {
        var home = Path.of(System.getProperty("user.home"));
        var elsewhere = System.getenv("DOCKER_HOST") != null || System.getenv("XDG_RUNTIME_DIR") != null
                || Files.exists(home.resolve(".testcontainers.properties")) || Files.exists(home.resolve(".docker/run"))
                || Files.exists(home.resolve(".docker/desktop"));
        if (elsewhere) return;
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(SOCKET));
        } catch (IOException e) {
            throw new NoneException("no Docker engine answers at " + SOCKET + " (" + e.getMessage() + ")");
        }
    }

    /** Turns the libraries' logs off. This module prints what matters, and failures are thrown. */
    private static void quiet() {
        for (var name : new String[]{"org.testcontainers", "tc", "com.github.dockerjava"}) {
            if (LoggerFactory.getLogger(name) instanceof Logger logger) logger.setLevel(Level.OFF);
        }
    }

    DockerClient client() {
        return DockerClientFactory.instance().client();
    }

    @Override
    public boolean has(String image) {
        try {
            client().inspectImageCmd(image).exec();
            return true;
        } catch (NotFoundException _) {
            return false;
        }
    }

    @Override
    public boolean pull(String image) {
        var name = DockerImageName.parse(image);
        System.out.println("pulling " + image + ", for at most " + PULL.toSeconds() + " s ...");
        try {
            return client().pullImageCmd(name.getUnversionedPart()).withTag(name.getVersionPart()).start()
                    .awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS) && has(image);
        } catch (DockerException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: pull " + image, e);
        }
    }

    /** Removes all containers, running or not, that dead test processes of this machine left behind. */
    void sweep() {
        var ours = client().listContainersCmd().withShowAll(true).withLabelFilter(Map.of(Owner.PLACE, Owner.place()))
                .exec();
        for (var container : ours) {
            if (Owner.isAlive(container.getLabels())) continue;
            try {
                client().removeContainerCmd(container.getId()).withForce(true).withRemoveVolumes(true).exec();
            } catch (DockerException _) {
                // another process removes the container
            }
        }
    }
}
