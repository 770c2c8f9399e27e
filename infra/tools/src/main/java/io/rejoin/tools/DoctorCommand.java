package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code infra/rejoinctl doctor}: prints the findings of an {@link DoctorChecks}. */
@Command(name = "doctor", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Checks an installation from this machine: Kafka, its topics and their settings, routers, edges,",
        "history, clocks, and the limit of open files. Says what is wrong and what to do. Changes nothing.",
        "Asks history at EDGE_HISTORY_URL, as edges do. Ends with 1 if something is wrong."})
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private final OutputFormat form = new OutputFormat();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Map<String, String> env;
    private final KafkaAccess kafka;

    DoctorCommand(Map<String, String> env, KafkaAccess kafka) {
        this.env = env;
        this.kafka = kafka;
    }

    @Override
    public Integer call() throws InterruptedException {
        var line = spec.commandLine();
        var rows = new Rows(line.getOut(), form.isJson(), "is", "what", "found");
        var findings = new DoctorChecks(env, kafka, line.getErr()).findings();
        for (var each : findings) rows.add(each.grade().word(), each.what(), each.found());
        rows.end();
        return findings.stream().anyMatch(each -> each.grade() == DoctorChecks.Grade.WRONG) ? 1 : 0;
    }
}
