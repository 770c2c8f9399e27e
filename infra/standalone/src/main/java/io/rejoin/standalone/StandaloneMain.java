package io.rejoin.standalone;

import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.env.Program;
import io.rejoin.embedded.Ports;
import io.rejoin.embedded.StartException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command line of standalone. The exit code is 0 after a stop, 2 for errors that the user can fix, and 1 for other
 * failures.
 */
@Command(name = "infra/run", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Runs all of Rejoin on this machine: a Kafka broker, PostgreSQL, routers, history and edges. Stop it with Ctrl-C."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/run                        everything, at http://localhost:8080",
                "  infra/run --edges 2 --routers 2  edges at ports 8080 and 8081",
                "  infra/run --fresh                delete all data, then start",
                "  infra/run --infra-only           only Kafka and PostgreSQL; then, in other terminals:",
                "                                   infra/service router|history|edge",
                "",
                "Clients need no token and may use any user name, so edges listen on 127.0.0.1 only. With",
                "EDGE_JWT_SECRET or EDGE_JWKS in the environment, edges require tokens, and EDGE_HOST may be any",
                "address. Other EDGE_, ROUTER_ and HISTORY_ variables are passed to the services, except addresses,",
                "ports and settings of topics. REJOIN_LOG=INFO shows what the services do."})
public final class StandaloneMain implements Callable<Integer> {
    private static final Duration STOP = Duration.ofSeconds(15);

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8080", description = "Port of the first edge; further edges take the ports after it. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(names = "--edges", paramLabel = "N", defaultValue = "1", description = "Number of edges. Default: ${DEFAULT-VALUE}")
    private int edges;

    @Option(names = "--routers", paramLabel = "N", defaultValue = "1", description = "Number of routers, which share the rooms. Default: ${DEFAULT-VALUE}")
    private int routers;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder for the data, kept between runs. Default: $XDG_DATA_HOME/rejoin or ~/.local/share/rejoin")
    private Path data = standardFolder();

    @Option(names = "--fresh", description = "First delete the data of earlier runs in that folder")
    private boolean fresh;

    @Option(names = "--infra-only", description = "Start only the broker and PostgreSQL; print the variables that services need, and write them to DIR/env")
    private boolean infraOnly;

    /** Completes with the failure of a service or server. Not completed while all is well. */
    private final CompletableFuture<Throwable> failed = new CompletableFuture<>();
    private volatile boolean stopping;
    private volatile int exitCode;

    private StandaloneMain() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new StandaloneMain()).setParameterExceptionHandler((wrong, _) -> {
            System.err.println("rejoin: " + wrong.getMessage() + "; see infra/run --help");
            return 2;
        }).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        try {
            SettingsCheck.logging(System.getenv()).apply("standalone");
            var log = LoggerFactory.getLogger(StandaloneMain.class); // set up before several threads use it
            var options = new Options(data, fresh, port, edges, routers, infraOnly);
            if (!infraOnly) {
                SettingsCheck.of(options, System.getenv()).forEach(warning -> System.err.println("rejoin: " + warning));
                requireFreePorts();
            }
            var folder = DataFolder.take(options.data(), options.fresh());
            var standalone = new Standalone(options, folder, System.getenv(), failed::complete);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(standalone)));
            standalone.start();
            announce(folder.path());
            var cause = failed.get();
            log.atError().setCause(cause).log("a service failed; everything stops");
            return fail(status(cause), "stopped, because a service failed: " + Program.explained(cause));
        } catch (UserErrorException | IllegalArgumentException e) {
            return fail(2, Program.explained(e));
        } catch (StartException | IllegalStateException e) {
            return fail(status(e), Program.explained(e));
        }
    }

    /**
     * The exit code for a failure, the same as in the services. It is 2 when a restart does not help, because the
     * configuration is invalid.
     */
    static int status(Throwable failure) {
        var isMisconfigured = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof ConfigException);
        return isMisconfigured ? 2 : 1;
    }

    private void requireFreePorts() {
        for (var edge = port; edge < port + edges; edge++) {
            if (!Ports.isFree(edge))
                throw new UserErrorException("port " + edge + " is taken; choose another with --port");
        }
    }

    private void announce(Path folder) throws Exception {
        if (infraOnly) Files.readAllLines(folder.resolve("env")).forEach(System.out::println);
        var out = infraOnly ? System.err : System.out; // a shell evaluates standard output then
        for (var edge = port; edge < port + edges && !infraOnly; edge++)
            out.printf("ready  http://localhost:%d%s%n", edge, edge == port ? took() : "");
        if (infraOnly) out.printf("ready  Kafka and PostgreSQL%s; next: %s%n", took(), nextCommand(folder));
        out.printf("data   %s%n", folder);
        out.println("stop   Ctrl-C");
    }

    private static Path standardFolder() {
        return DataFolder.standard(System.getenv(), System.getProperty("user.home"));
    }

    /** The command that starts a service with this folder. */
    private static String nextCommand(Path folder) {
        var told = folder.equals(standardFolder()) ? "" : "--data '" + folder + "' ";
        return "infra/service " + told + "router|history|edge";
    }

    /** The time since this JVM started. When a build ran first, the script has printed the build's time. */
    private static String took() {
        var millis = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
        return String.format(Locale.ROOT, "  (%.1f s)", millis / 1000.0);
    }

    private int fail(int code, String message) {
        exitCode = code;
        if (!stopping) System.err.println("rejoin: " + message);
        return code;
    }

    /**
     * Stops everything; the only shutdown hook. Parts that do not stop in time are killed, because child processes end
     * with this process.
     */
    private void stop(Standalone standalone) {
        stopping = true;
        var closing = Thread.ofPlatform().daemon().start(standalone::close);
        try {
            if (closing.join(STOP)) Runtime.getRuntime().halt(exitCode);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        System.err.println("rejoin: the services did not stop within " + STOP.toSeconds() + " s and were killed");
        Runtime.getRuntime().halt(1);
    }
}
