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

/** A minute of the faults that are over in seconds. {@code infra/chaos} makes all of them, for as long as one likes. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ChaosIT {
    private static final long SEED = 4;
    private static final double RATE = 60;

    /** A service that a fault has ended needs a while to start there; how long it takes here is what infra/chaos tells. */
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
