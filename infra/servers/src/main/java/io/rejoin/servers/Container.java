package io.rejoin.servers;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/** A running container of this JVM that tests can kill and restart. */
final class Container implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final DockerEngine engine;
    private final GenericContainer<?> container;
    private final Callable<Boolean> serves;

    /**
     * Starts the container and waits until it serves clients.
     *
     * @param ports  from ports of the loopback address to the container's ports
     * @param serves whether the container serves clients; may throw while it does not
     */
    Container(DockerEngine engine, GenericContainer<?> container, Map<Integer, Integer> ports,
            Callable<Boolean> serves) {
        this.engine = engine;
        this.container = container;
        this.serves = serves;
        var bindings = ports.entrySet().stream()
                .map(port -> PortBinding.parse("127.0.0.1:" + port.getKey() + ":" + port.getValue())).toList();
        container.withLabels(Owner.labels()).withStartupAttempts(1).withCreateContainerCmdModifier(command -> {
            command.withExposedPorts(bindings.stream().map(PortBinding::getExposedPort).toArray(ExposedPort[]::new));
            Objects.requireNonNull(command.getHostConfig()).withPortBindings(bindings);
        });
        container.setWaitStrategy(new AbstractWaitStrategy() {
            @Override
            protected void waitUntilReady() {
                awaitServing();
            }
        });
        container.start();
    }

    private void awaitServing() {
        Await.success("reach " + container.getDockerImageName(), START, serves);
    }

    /** Sends SIGKILL to the container's first process. */
    synchronized void kill() {
        try {
            engine.client().killContainerCmd(container.getContainerId()).exec();
        } catch (ConflictException _) {
            // the container is not running
        }
        Await.success("end " + container.getDockerImageName(), START, () -> !container.isRunning());
    }

    synchronized void restart() {
        kill();
        engine.client().startContainerCmd(container.getContainerId()).exec();
        awaitServing();
    }

    @Override
    public synchronized void close() {
        container.stop(); // also removes the container and its volumes
    }
}
