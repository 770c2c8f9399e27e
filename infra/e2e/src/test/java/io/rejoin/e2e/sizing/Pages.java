package io.rejoin.e2e.sizing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLEncoder;

/** Measures pages of history, in the rooms where {@link Posts} posted. */
record Pages(Bench bench, Reading idle) {
    private static final int PAGES = 2_000;

    void measure() throws InterruptedException, IOException {
        pages("small"); // warm-up
        var fromTail = pages("small");
        bench.found().micros("history.cpu.page", fromTail.microsBeyond(Part.HISTORY, idle) / PAGES,
                "CPU time for a page of 100 messages of 64 bytes, from memory");
        bench.services().restartHistory();
        pages("small"); // warm-up after the restart
        var stored = pages("large");
        bench.found().micros("history.cpu.page.stored", stored.microsBeyond(Part.HISTORY, idle) / PAGES,
                "CPU time for a page of 100 messages of 1,024 bytes, from PostgreSQL");
        bench.found().micros("postgres.cpu.page", stored.microsBeyond(Part.POSTGRES, idle) / PAGES,
                "CPU time of PostgreSQL for the same");
    }

    private Reading pages(String prefix) throws InterruptedException, IOException {
        var before = bench.services().reading();
        for (var n = 0; n < PAGES; n++) {
            var room = URLEncoder.encode("default/" + prefix + "-" + n % (2 * Bench.ROOMS), UTF_8);
            var answer = bench.services().askHistory("/v1/messages?limit=100&room=" + room);
            if (answer.statusCode() != 200) throw new IllegalStateException("no page from history: " + answer.body());
        }
        return bench.services().reading().since(before);
    }
}
