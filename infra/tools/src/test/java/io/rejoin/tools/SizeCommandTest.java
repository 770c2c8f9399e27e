package io.rejoin.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeCommandTest {
    /** The result of a run of the command. */
    record Run(int code, String out, String err) {}

    static Run size(String line) {
        var out = new StringWriter();
        var err = new StringWriter();
        var arguments = new ArrayList<>(List.of("size"));
        if (!line.isBlank()) arguments.addAll(List.of(line.strip().split(" +")));
        var code = RejoinctlMain.run(Map.of(), new PrintWriter(out, true), new PrintWriter(err, true),
                arguments.toArray(String[]::new));
        return new Run(code, out.toString(), err.toString());
    }

    @Test
    void itNeedsNothingButANumberOfConnections() {
        var run = size("--connections 10k");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("ROUTER_PARTITIONS", "based on", "assumed edge.bytes.packet");
    }

    @Test
    void programsGetAnObjectInEachLine() throws Exception {
        var run = size("--connections 1M --rooms 50k --json");
        assertThat(run.code()).as(run.err()).isZero();
        var warnings = 0;
        for (var line : run.out().lines().toList()) {
            var object = Json.MAPPER.readTree(line);
            if (object.has("warning")) warnings++;
            else
                assertThat(object.path("value").isNumber()).as(line).isTrue();
        }
        assertThat(warnings).isPositive();
    }

    @Test
    void roomsOrTheirMembersTellTheOther() {
        assertThat(size("--connections 1M --rooms 50k --json").out())
                .isEqualTo(size("--connections 1M --members 20 --json").out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                                      | Missing required option
            --connections ten                         | --connections must be a number such as 500, 10k
            --connections 0                           | --connections must be from 1 to
            --connections -5                          | --connections must be a number
            --connections 10 --members 11             | --members is 11, but there are 10
            --connections 10 --rooms 11               | --rooms must be from 1 to 10, the memberships
            --connections 10 --rooms 2 --members 5    | mutually exclusive
            --connections 1k --members 20 --largest 9 | --largest is 9, but the average room has 20
            --connections 1k --fan-out 30             | --fan-out is 30, but the largest room has 10
            --connections 1k --bytes 100k             | --bytes must be from 0 to 65536
            --connections 1k --session PT0S           | --session must be at least PT1S
            --connections 1k --storm 2                | --storm must be from 0 to 1
            --connections 1k --storm-within PT0S      | --storm-within must be at least PT1S
            --connections 1k --keep-events P1X        | --keep-events
            --connections 1k --keep-events PT0S       | --keep-events must be at least PT1M
            --connections 1k --replication 4          | --replication is 4, but there are 3 brokers
            --connections 1k --edge-memory 8          | --edge-memory must be a size such as 512Mi
            --connections 1k --edge-memory 8Mi        | --edge-memory must be from 512Mi
            --connections 1k --cpu-free 1             | --cpu-free must be from 0 to 0.95
            --connections 1k --network 0              | --network must be from 0.01
            --connections 1k --json --markdown        | --markdown or --json, not both
            --connections 1k --memebrs 5              | Unknown option""")
    void whatIsOddIsRefusedAndNamed(String line, String message) {
        var run = size(line == null ? "" : line);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message);
        assertThat(run.out()).isEmpty();
    }
}
