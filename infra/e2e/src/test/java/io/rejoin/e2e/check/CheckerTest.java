package io.rejoin.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.e2e.check.Violation.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that good histories are clean, and that each way to break one is found under its kind. */
class CheckerTest {
    private static final long SEEDS = Integer.getInteger("rejoin.check.seeds", 10);
    private static final Requirements REQUIREMENTS = Requirements.of(50, 1).withMaxPresence(Duration.ofSeconds(1));

    @TempDir
    private Path folder;

    static LongStream seeds() {
        return LongStream.range(0, SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aGoodHistoryIsClean(long seed) throws IOException {
        var report = check(GoodRun.of(seed), REQUIREMENTS);

        assertThat(report.isClean()).as(report.text()).isTrue();
        assertThat(report.recoveries()).isNotEmpty().allMatch(Report.Recovery::metTraffic);
        assertThat(report.exitStatus()).isZero();
    }

    @ParameterizedTest
    @FieldSource("io.rejoin.e2e.check.Mutations#ALL")
    void aBrokenPromiseIsFound(Mutations.Mutation mutation) throws IOException {
        for (var seed = 0; seed < SEEDS; seed++) {
            var altered = new Altered(GoodRun.of(seed), seed);
            mutation.change().accept(altered);

            var report = check(altered.lines(), REQUIREMENTS);

            assertThat(report.totals().keySet()).as("seed " + seed + "\n" + report.text())
                    .containsAnyElementsOf(mutation.expected());
            assertThat(report.violations()).filteredOn(each -> mutation.expected().contains(each.kind()))
                    .allSatisfy(each -> assertThat(each.proof()).isNotEmpty());
            assertThat(report.exitStatus()).isEqualTo(1);
        }
    }

    @Test
    void whatAFaultCostIsTheWaitOfTheMessagesThatMetIt() throws IOException {
        var report = check(List.of(new Observation.Fault(at(20), "kill", "router-0", Observation.Phase.BEGIN),
                invoke(10, "before"), ok(15, "before"), invoke(25, "during"),
                new Observation.Fault(at(40), "kill", "router-0", Observation.Phase.END), invoke(45, "after"),
                ok(50, "after"), ok(70, "during")), Requirements.of(0, 1));

        var cost = report.recoveries().getFirst();
        assertThat(cost.longestWait()).isEqualTo(Duration.ofMillis(45));
        assertThat(cost.ackedAfterEnd()).isEqualTo(Duration.ofMillis(30));
        assertThat(cost.okAfterEnd()).isEqualTo(Duration.ofMillis(10));
        assertThat(report.text()).containsPattern("kill router +1 +45 +30 +30");
    }

    private static Observation invoke(int ms, String id) {
        return new Observation.Invoke(at(ms), "lobby", id, "text");
    }

    private static Observation ok(int ms, String id) {
        return new Observation.Ok(at(ms), "lobby", id, id.length(), 1, null);
    }

    private static Observation.At at(int ms) {
        return new Observation.At(ms * 1_000_000L, "ann", "ann", 1);
    }

    @Test
    void aRunThatSentLittleOrHadNoFaultProvesNothing() throws IOException {
        var run = GoodRun.of(1);

        assertThat(check(run, Requirements.of(1_000_000, 0)).totals()).containsOnlyKeys(Kind.TOO_LITTLE);
        run.removeIf(Observation.Fault.class::isInstance);
        assertThat(check(run, Requirements.of(1, 1)).totals()).containsOnlyKeys(Kind.TOO_LITTLE);
    }

    @Test
    void aLineThatIsNoObservationIsFoundUnlessItIsTheLastAndCutOff() throws IOException {
        var file = write(GoodRun.of(1));
        Files.writeString(file, "{\"op\":\"inv", StandardOpenOption.APPEND);
        assertThat(Checker.check(List.of(file), REQUIREMENTS).isClean()).isTrue();

        Files.writeString(file, "\n{}\n{}\n", StandardOpenOption.APPEND);
        assertThat(Checker.check(List.of(file), REQUIREMENTS).totals()).containsOnlyKeys(Kind.UNREADABLE);
    }

    @Test
    void aRunMayBeSpreadOverFiles() throws IOException {
        var run = GoodRun.of(2);
        var split = List.of(folder.resolve("one.jsonl"), folder.resolve("two.jsonl"));
        write(split.getFirst(), run.stream().filter(each -> each.at().client().startsWith("a")).toList());
        write(split.getLast(), run.stream().filter(each -> !each.at().client().startsWith("a")).toList());

        var report = Checker.check(split, REQUIREMENTS);

        assertThat(report.isClean()).as(report.text()).isTrue();
        assertThat(report.counts()).isEqualTo(check(run, REQUIREMENTS).counts());
    }

    private Report check(List<Observation> run, Requirements requirements) throws IOException {
        return Checker.check(List.of(write(run)), requirements);
    }

    private Path write(List<Observation> run) throws IOException {
        return write(folder.resolve("history.jsonl"), run);
    }

    private static Path write(Path file, List<Observation> run) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            for (var line : run) {
                out.write(HistoryCodec.encode(line));
                out.write('\n');
            }
        }
        return file;
    }
}
