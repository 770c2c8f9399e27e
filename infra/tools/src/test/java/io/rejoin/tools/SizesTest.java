package io.rejoin.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Checks that the examples in the runbook are what the command prints. After a change of unit costs,
 * {@code infra/sizing --tables} writes them again. It runs this test with {@code -Drejoin.sizes.write=true}.
 */
class SizesTest {
    private static final Path RUNBOOK = Path.of("../RUNBOOK.md");
    /** An example: the command in a comment, its output, and an end comment. */
    private static final Pattern EXAMPLE = Pattern.compile("(<!-- infra/rejoinctl size (.+?) -->\n)(.*?)(<!-- end -->)",
            Pattern.DOTALL);

    @Test
    void theExamplesInTheRunbookAreWhatTheCommandPrints() throws IOException {
        if (Boolean.getBoolean("rejoin.sizes.write"))
            Files.writeString(RUNBOOK, EXAMPLE
                    .matcher(Files.readString(RUNBOOK)).replaceAll(found -> Matcher.quoteReplacement(found.group(1)
                            + printed(found.group(2)) + found.group(4))));
        var text = Files.readString(RUNBOOK);
        var examples = EXAMPLE.matcher(text).results().toList();
        assertThat(examples).hasSize(3);
        for (var example : examples) {
            assertThat(text).contains("\ninfra/rejoinctl size " + example.group(2) + "\n");
            assertThat(example.group(3)).as("infra/sizing --tables writes the examples again")
                    .isEqualTo(printed(example.group(2)));
        }
    }

    private static String printed(String line) {
        var run = SizeCommandTest.size(line + " --markdown");
        assertThat(run.code()).as(run.err()).isZero();
        return "\n" + run.out() + "\n";
    }
}
