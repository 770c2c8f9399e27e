package io.rejoin.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Checks that every alert describes itself and links to instructions in the runbook. */
class RunbookTest {
    private static final Pattern PARAGRAPH = Pattern.compile("(?m)^#### (Rejoin[A-Za-z]+)$");

    @Test
    void everyAlertHasAParagraphAndEveryParagraphAnAlert() {
        var paragraphs = PARAGRAPH.matcher(Texts.read(Texts.RUNBOOK)).results().map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        var alerts = Texts.alerts().stream().map(alert -> alert.path("alert").asText())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(paragraphs).isEqualTo(alerts);
        assertThat(Texts.alerts()).hasSameSizeAs(alerts);
    }

    @Test
    void everyAlertSaysHowBadItIsWhatItMeansAndWhereToReadOn() {
        assertThat(Texts.alerts()).allSatisfy(alert -> {
            var name = alert.path("alert").asText();
            assertThat(alert.at("/labels/severity").asText()).as(name).isIn("critical", "warning", "info");
            assertThat(alert.at("/annotations/summary").asText()).as(name).isNotBlank().doesNotEndWith(".");
            assertThat(alert.at("/annotations/description").asText()).as(name).endsWith(".");
            assertThat(alert.at("/annotations/runbook_url").asText())
                    .isEqualTo("infra/RUNBOOK.md#" + name.toLowerCase(Locale.ROOT));
        });
    }

    @Test
    void everyParagraphSaysWhatItMeansWhatToLookAtAndWhatToDo() {
        var text = Texts.read(Texts.RUNBOOK);
        var paragraphs = PARAGRAPH.split(text);
        assertThat(paragraphs).hasSize(Texts.alerts().size() + 1);
        for (var i = 1; i < paragraphs.length; i++)
            assertThat(paragraphs[i].split("\n## ", 2)[0]).contains("**Means.**", "**Look.**", "**Do.**");
    }
}
