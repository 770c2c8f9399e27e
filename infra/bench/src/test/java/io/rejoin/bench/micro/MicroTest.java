package io.rejoin.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Checks that each benchmark runs. The figures of such a short run mean nothing. */
class MicroTest {
    static {
        System.setProperty("jmh.ignoreLock", "true"); // nothing is measured here, so other benchmarks may run meanwhile
    }

    @Test
    void eachRuns() throws RunnerException {
        var options = new OptionsBuilder().include("io.rejoin.bench.micro").forks(0).warmupIterations(0)
                .measurementIterations(1).measurementTime(new TimeValue(5, TimeUnit.MILLISECONDS))
                .shouldFailOnError(true).verbosity(VerboseMode.SILENT).build();
        assertThat(new Runner(options).run()).extracting(result -> result.getPrimaryResult().getScore())
                .hasSizeGreaterThan(15).allSatisfy(nanoseconds -> assertThat(nanoseconds).isPositive());
    }
}
