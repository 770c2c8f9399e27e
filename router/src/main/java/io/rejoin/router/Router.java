package io.rejoin.router;

import io.rejoin.router.core.Redelivery;
import io.rejoin.router.kafka.Clients;
import io.rejoin.router.kafka.CommandLoop;
import io.rejoin.router.kafka.EdgeWatch;
import io.rejoin.router.kafka.LogClock;
import io.rejoin.router.kafka.TopicSetup;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running router. Any number of them share the shards; one that ends, however it does, is replaced by the others. */
public final class Router implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Router.class);
    private static final Duration STOP = Duration.ofSeconds(15);

    private final EdgeWatch watch;
    private final CommandLoop commands;
    private final Thread watching;
    private final Thread routing;

    /**
     * Makes sure of the topics and begins; shards are taken over as the group gives them.
     *
     * @param fatal called at most once, with what ended one of the loops: the process must end too
     */
    public static Router start(RouterConfig config, Consumer<Throwable> fatal) throws InterruptedException {
        var _ = new TopicSetup(config).ensure();
        return new Router(config, fatal);
    }

    private Router(RouterConfig config, Consumer<Throwable> fatal) {
        var clients = new Clients(config);
        var random = new SecureRandom();
        var id = new byte[8];
        random.nextBytes(id);
        var clock = new LogClock();
        this.watch = new EdgeWatch(clients, clock, HexFormat.of().formatHex(id));
        this.commands = new CommandLoop(clients, watch, clock, new Redelivery(config.redelivery()), random);
        var once = new AtomicBoolean();
        Consumer<Throwable> first = cause -> {
            if (once.compareAndSet(false, true)) fatal.accept(cause);
        };
        this.watching = start("edge-watch", watch, first);
        this.routing = start("commands", commands, first);
    }

    private static Thread start(String name, Runnable loop, Consumer<Throwable> fatal) {
        return Thread.ofPlatform().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause)).start(loop);
    }

    /** Hands the shards over in good order and ends, within a bound. */
    @Override
    public void close() {
        commands.stop();
        watch.stop();
        try {
            if (!routing.join(STOP) || !watching.join(STOP))
                log.warn("router did not end in time; others repeat its last second");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
