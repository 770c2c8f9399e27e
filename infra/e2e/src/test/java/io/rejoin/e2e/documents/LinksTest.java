package io.rejoin.e2e.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class LinksTest {
    @Test
    void everyLinkIntoThisRepositoryLeadsSomewhere() throws IOException {
        var documents = Document.all();
        var broken = new ArrayList<String>();
        for (var document : documents) {
            for (var link : document.links()) {
                if (!link.matches("[a-z]+:.*") && !leadsSomewhere(document, link))
                    broken.add(Document.ROOT.relativize(document.file()) + ": " + link);
            }
        }
        assertThat(broken).isEmpty();
        assertThat(documents).hasSizeGreaterThan(10);
    }

    private static boolean leadsSomewhere(Document from, String link) {
        var parts = link.split("#", 2);
        var target = parts[0].isEmpty() ? from.file() : from.file().resolveSibling(parts[0]).normalize();
        if (!target.startsWith(Document.ROOT) || !Files.exists(target)) return false;
        return parts.length == 1 || !target.toString().endsWith(".md")
                || Document.read(target).anchors().contains(parts[1]);
    }

    /** A newcomer has little time to read the first page. */
    @Test
    void theFirstPageIsShort() throws IOException {
        assertThat(Files.size(Document.ROOT.resolve("README.md"))).isLessThanOrEqualTo(7_000);
    }
}
