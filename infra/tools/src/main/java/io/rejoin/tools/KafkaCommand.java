package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that asks Kafka: what all of these have in common, for picocli too, which adds it to what each one declares. */
@Command(sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0")
abstract class KafkaCommand implements Callable<Integer> {
    final KafkaAccess kafka;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    KafkaCommand(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    /** For results. */
    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** For what is said beside them. */
    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** What was asked for cannot be used. */
    final ParameterException wrong(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }
}
