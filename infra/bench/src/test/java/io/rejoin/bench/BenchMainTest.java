package io.rejoin.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.bench.report.Json;
import io.rejoin.bench.report.Machine;
import io.rejoin.bench.report.Results;
import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenarios;
import io.rejoin.bench.system.Candidates;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchMainTest {
    private static final Instant YESTERDAY = Instant.parse("2026-01-02T03:04:05Z");
    private static final Machine HERE = Machine.here(YESTERDAY);
    private static final Machine ELSEWHERE = new Machine(YESTERDAY.toString(), 64, "another one", "Linux", "25");

    @TempDir
    private Path folder;
    private final StringWriter said = new StringWriter();

    private Path measured(String name, Machine machine, String failure, double... cores) throws IOException {
        var rejoin = Candidates.named("rejoin");
        var nobody = Scenarios.named("nobody");
        var results = new Results(List.of(rejoin, Candidates.named("node-stream")), List.of(nobody));
        for (var one : cores)
            results.add(nobody, rejoin, new Figures().put("cores", one).put("cpu edge cores", one / 2));
        if (!failure.isEmpty()) results.failed(nobody, rejoin, failure);
        return Files.writeString(folder.resolve(name), Json.of(results, machine));
    }

    private int run(String... arguments) {
        var all = Stream.concat(Stream.of("--out", out().toString(), "--systems", "rejoin"), Stream.of(arguments));
        return new CommandLine(new BenchMain()).setErr(new PrintWriter(said)).execute(all.toArray(String[]::new));
    }

    private Path out() {
        return folder.resolve("out");
    }

    @Test
    void roundsOfEarlierRunsCount() throws IOException {
        var first = measured("first.json", HERE, "", 0.11, 0.55);
        var second = measured("second.json", HERE, "", 0.22);

        assertThat(run("--scenarios", "nobody,groups", "--rounds", "0", "--earlier", first + "," + second)).isZero();

        assertThat(Files.readString(out().resolve("bench.md"))).containsPattern("\\| rejoin +\\| 0.22 ")
                .contains("rejoin, cpu cores: edge 0.11");
        assertThat(Files.readString(out().resolve("bench.svg"))).contains("2026-01-02");
    }

    @Test
    void whatFailedEarlierIsTold() throws IOException {
        var earlier = measured("failed.json", HERE, "the edge is not well", 0.11);

        assertThat(run("--scenarios", "nobody", "--rounds", "0", "--earlier", earlier.toString())).isEqualTo(1);

        assertThat(Files.readString(out().resolve("bench.md"))).contains("rejoin failed: the edge is not well");
    }

    @Test
    void figuresOfAnotherMachineAreRefused() throws IOException {
        var elsewhere = measured("elsewhere.json", ELSEWHERE, "", 0.11);

        assertThat(run("--rounds", "0", "--earlier", elsewhere.toString())).isEqualTo(2);

        assertThat(said.toString()).contains("elsewhere.json was measured on another machine", "another one");
    }

    @Test
    void aFileThatIsNoneOfOursIsRefused() throws IOException {
        var other = Files.writeString(folder.resolve("other.json"), "{\"machine\": 5}");
        var text = Files.writeString(folder.resolve("text.json"), "no JSON");

        assertThat(run("--rounds", "0", "--earlier", other.toString())).isEqualTo(2);
        assertThat(run("--rounds", "0", "--earlier", text.toString())).isEqualTo(2);
        assertThat(run("--rounds", "0", "--earlier", folder.resolve("missing.json").toString())).isEqualTo(2);

        assertThat(said.toString()).contains("other.json is not a bench.json", "text.json is not a bench.json",
                "missing.json cannot be read");
    }

    @Test
    void withoutEarlierRunsSomethingHasToBeMeasured() {
        assertThat(run("--rounds", "0")).isEqualTo(2);

        assertThat(said.toString()).contains("--rounds must be at least 1, or 0 with --earlier");
    }
}
