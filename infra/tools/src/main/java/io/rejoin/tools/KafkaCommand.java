package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The base class of commands that use Kafka. Picocli merges its annotation with the one of each subclass. */
@Command(sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0")
abstract class KafkaCommand implements Callable<Integer> {
    final KafkaAccess kafka;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    KafkaCommand(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    /** The writer for results. */
    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** The writer for progress and remarks. */
    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** The exception for wrong arguments: the process ends with 2. */
    final ParameterException wrong(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }
}
