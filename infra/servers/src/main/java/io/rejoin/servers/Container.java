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

/** One running container of this JVM, which can be killed and started again. */
final class Container implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final DockerEngine engine;
    private final GenericContainer<?> container;
    private final Callable<Boolean> serves;

    /**
     * Starts it and waits until it serves.
     *
     * @param ports  of the loopback address, and what they lead to
     * @param serves whether it serves; may throw while it does not
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

    /** SIGKILL of its first process. */
    synchronized void kill() {
        try {
            engine.client().killContainerCmd(container.getContainerId()).exec();
        } catch (ConflictException _) {
            // it does not run
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
        container.stop(); // which also removes it and its volumes
    }
}
