package io.rejoin.e2e.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.e2e.check.Checker;
import io.rejoin.e2e.check.Requirements;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs one minute of the kinds of faults that end within seconds. {@code infra/chaos} runs all kinds for any length.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ChaosIT {
    private static final long SEED = 4;
    private static final double RATE = 60;

    /**
     * Limit for wrong presence: a killed service needs a while to restart on a slow machine. infra/chaos reports how
     * long it takes.
     */
    private static final Duration ON_A_SLOW_MACHINE = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    @Test
    void everyPromiseIsKeptThroughAMinuteOfFaults() throws Exception {
        var schedule = Scheduler.draw(SEED, Duration.ofSeconds(60), Kind.QUICK, 3);
        System.out.println(schedule);
        var run = new ChaosRun(schedule, RATE, folder, System.out);

        var report = run.run();
        System.out.println(report);
        var checked = Checker.check(List.of(run.history()),
                Requirements.of(500, schedule.steps().size() / 2).withMaxPresence(ON_A_SLOW_MACHINE));

        assertThat(checked.isClean()).as(checked.text()).isTrue();
        assertThat(report.isClean()).as(report.toString()).isTrue();
    }
}
