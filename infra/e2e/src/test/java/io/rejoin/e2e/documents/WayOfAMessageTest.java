package io.rejoin.e2e.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the path of a message in the architecture document: each file exists and uses the next file of its list. */
class WayOfAMessageTest {
    private static final Pattern STOP = Pattern.compile("^(\\d+)\\. \\[(\\w+)]\\(([^)]+)\\)", Pattern.MULTILINE);
    private static final Pattern SUPERTYPES = Pattern.compile("\\b(?:implements|extends) ([\\w.<>, \\[\\]?]+)");
    private static final Pattern WITHOUT_CODE = Pattern.compile("/\\*.*?\\*/|//[^\n]*|^import [^\n]*",
            Pattern.DOTALL | Pattern.MULTILINE);

    /** @param number of the file in its list */
    private record Stop(int number, String name, Path file) {
        /** The types by which other files may use it: its own type and its supertypes. */
        Set<String> types() {
            var supertypes = SUPERTYPES.matcher(code()).results()
                    .flatMap(found -> Arrays.stream(found.group(1).replaceAll("<.*>", "").split(",", -1)))
                    .map(type -> type.strip().substring(type.strip().lastIndexOf('.') + 1));
            return Stream.concat(Stream.of(name), supertypes).collect(Collectors.toSet());
        }

        boolean calls(Stop next) {
            var code = code();
            return next.types().stream()
                    .anyMatch(type -> Pattern.compile("\\b" + Pattern.quote(type) + "\\b").matcher(code).find());
        }

        private String code() {
            return WITHOUT_CODE.matcher(Document.read(file).text()).replaceAll("");
        }
    }

    @Test
    void eachFileIsThereAndCallsTheNextOne() {
        var stops = stops();
        assertThat(stops).hasSizeGreaterThan(20);
        assertThat(stops).allSatisfy(stop -> {
            assertThat(stop.file()).exists();
            assertThat(stop.file().getFileName()).hasToString(stop.name() + ".java");
        });
        var apart = new ArrayList<String>();
        for (var n = 1; n < stops.size(); n++) {
            var next = stops.get(n);
            if (next.number() > 1 && !stops.get(n - 1).calls(next))
                apart.add(stops.get(n - 1).name() + " does not know " + next.name());
        }
        assertThat(apart).isEmpty();
    }

    private static List<Stop> stops() {
        var document = Document.read(Document.ROOT.resolve("contracts/ARCHITECTURE.md"));
        return STOP.matcher(document.text()).results().map(found -> new Stop(Integer.parseInt(found.group(1)),
                found.group(2), document.file().resolveSibling(found.group(3)).normalize())).toList();
    }
}
