package io.rejoin.tools;

import io.rejoin.router.RouterConfig;
import io.rejoin.router.topics.TopicSetup;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code infra/rejoinctl topics check}: checks that all topics exist with the right settings. */
@Command(name = "check", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Checks whether all topics exist and have the right settings. Changes nothing."})
final class TopicsCheckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Map<String, String> env;

    TopicsCheckCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            var partitions = new TopicSetup(RouterConfig.ofTopics(env)).check().partitions();
            spec.commandLine().getOut().println("all topics exist and have the right settings; rooms are in "
                    + partitions + " partitions");
            return 0;
        } catch (IllegalStateException e) {
            throw new OperatorException(String.valueOf(e.getMessage()));
        }
    }
}
