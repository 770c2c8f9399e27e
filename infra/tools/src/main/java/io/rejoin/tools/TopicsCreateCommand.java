package io.rejoin.tools;

import io.rejoin.router.RouterConfig;
import io.rejoin.router.topics.TopicSetup;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code infra/rejoinctl topics create}: creates missing topics, and checks the others. */
@Command(name = "create", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Creates missing topics, and checks the others. Waits up to two minutes for Kafka.",
        "Settings without an option here come from the router's variables, such as ROUTER_PARTITIONS."})
final class TopicsCreateCommand implements Callable<Integer> {
    @Option(names = "--partitions", paramLabel = "N", description = "Partitions of commands, events and state: at most this many routers share the work. Cannot be changed later")
    private @Nullable Integer partitions;

    @Option(names = "--replication", paramLabel = "N", description = "Copies of each partition")
    private @Nullable Integer replication;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Map<String, String> env;

    TopicsCreateCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            var made = new TopicSetup(config()).ensure().partitions();
            spec.commandLine().getOut().println("all topics exist and have the right settings; rooms are in " + made
                    + " partitions");
            return 0;
        } catch (IllegalStateException e) {
            throw new OperatorException(String.valueOf(e.getMessage()));
        }
    }

    private RouterConfig config() {
        var settings = new HashMap<>(env);
        put(settings, "ROUTER_PARTITIONS", partitions);
        put(settings, "ROUTER_REPLICATION", replication);
        try {
            return RouterConfig.ofTopics(settings);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    private static void put(Map<String, String> settings, String name, @Nullable Integer value) {
        if (value != null) settings.put(name, value.toString());
    }
}
