package io.rejoin.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenarios;
import io.rejoin.bench.system.Candidates;
import java.io.ByteArrayInputStream;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class PictureTest {
    private static final Machine MACHINE = new Machine("2026-01-02T03:04:05Z", 2, "a <processor> & more", "Linux",
            "25");

    private final Results results = new Results(List.of(Candidates.named("rejoin"), Candidates.named("node-stream")),
            List.of(Scenarios.named("groups"), Scenarios.named("pairs")));

    @Test
    void barsAreAsLongAsWhatTheyStandFor() throws Exception {
        results.add(Scenarios.named("groups"), Candidates.named("rejoin"), new Figures().put("cpu µs/delivery", 100.0));
        results.add(Scenarios.named("groups"), Candidates.named("node-stream"),
                new Figures().put("cpu µs/delivery", 50.0));

        var bars = parsed(results).getElementsByTagName("rect");

        assertThat(bars.getLength()).isEqualTo(3); // the first is the page background
        var ours = (Element) bars.item(1);
        var other = (Element) bars.item(2);
        assertThat(ours.getAttribute("class")).isEqualTo("ours");
        assertThat(other.getAttribute("class")).isEqualTo("other");
        assertThat(Double.parseDouble(ours.getAttribute("width")))
                .isEqualTo(2 * Double.parseDouble(other.getAttribute("width")));
    }

    @Test
    void whatWasLostStandsBesideTheBar() throws Exception {
        results.add(Scenarios.named("groups"), Candidates.named("rejoin"),
                new Figures().put("cpu µs/delivery", 100.0).put("lost", 0));
        results.add(Scenarios.named("groups"), Candidates.named("node-stream"),
                new Figures().put("cpu µs/delivery", 50.0).put("lost", 1_234));

        assertThat(parsed(results).getDocumentElement().getTextContent()).contains("50, lost 1,234")
                .doesNotContain("lost 0");
    }

    @Test
    void aScenarioThatOneOfSeveralSystemsHasAFigureForHasNoPanel() throws Exception {
        results.add(Scenarios.named("groups"), Candidates.named("rejoin"), new Figures().put("cpu µs/delivery", 100.0));
        results.add(Scenarios.named("groups"), Candidates.named("node-stream"),
                new Figures().put("cpu µs/delivery", 50.0));
        results.add(Scenarios.named("pairs"), Candidates.named("rejoin"), new Figures().put("cpu µs/delivery", 100.0));

        assertThat(parsed(results).getDocumentElement().getTextContent()).contains("groups: 100 × 10")
                .doesNotContain("pairs:").contains("2 processors, a <processor> & more; 2026-01-02");
    }

    @Test
    void ofOneSystemEveryScenarioWithAFigureHasAPanel() throws Exception {
        var alone = new Results(List.of(Candidates.named("rejoin")),
                List.of(Scenarios.named("groups"), Scenarios.named("pairs")));
        alone.add(Scenarios.named("pairs"), Candidates.named("rejoin"), new Figures().put("cpu µs/delivery", 100.0));

        assertThat(parsed(alone).getDocumentElement().getTextContent()).contains("pairs: 1,000 × 2")
                .doesNotContain("groups:");
    }

    private static Document parsed(Results results) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(Picture.of(results, MACHINE).getBytes(UTF_8)));
    }
}
