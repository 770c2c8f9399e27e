package io.rejoin.bench.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.bench.system.Candidate;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Measures pages of history, as edges read them for a client that resumes: pages a second, and the cost of one page.
 * Only for Rejoin.
 */
record Replay() implements Scenario {
    private static final PopulationSize CROWD = new PopulationSize(100, 2);
    private static final double RATE = 1_000;
    private static final int READERS = 8;
    private static final int MESSAGES = 100;

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String description() {
        return "%d readers ask history for pages of the last %d messages of %d rooms".formatted(READERS, MESSAGES,
                CROWD.rooms());
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("pages /s", "pages /s"), new Column("CPU µs a page", "cpu µs/page"));
    }

    @Override
    public boolean moreIsBetter() {
        return true;
    }

    @Override
    public boolean suits(Candidate candidate) {
        return candidate.isOurs();
    }

    @Override
    public Figures measure(Trial trial) {
        trial.open(CROWD, Steady.JOINS_PER_SECOND);
        trial.load(RATE, trial.pace().window());
        trial.cut();
        Trial.sleep(trial.pace().rest()); // until the members that left are no longer listed as present
        var pages = trial.historyPages(MESSAGES);
        read(pages, trial.pace().warmUp());
        var before = trial.usage();
        var count = read(pages, trial.pace().window());
        var used = trial.usage().since(before);
        var figures = new Figures().put("pages /s", count / used.seconds()).put("cpu µs/page", used.micros() / count);
        used.cpu().forEach((part, time) -> figures.put("cpu " + part + " µs/page", time.toNanos() / 1e3 / count));
        return figures;
    }

    /** The URL at which history returns the last messages of a room. */
    static URI page(String history, String room, int messages) {
        return URI.create(history + "/v1/messages?limit=" + messages + "&room="
                + URLEncoder.encode("default/" + room, UTF_8));
    }

    /** The number of pages that were read within that time. */
    private static long read(List<URI> pages, double seconds) {
        var count = new AtomicLong();
        var end = System.nanoTime() + (long) (1e9 * seconds);
        try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = IntStream.range(0, READERS).mapToObj(reader -> readers.submit(() -> {
                for (var n = reader; System.nanoTime() < end; n++) {
                    read(http, pages.get(n % pages.size()));
                    count.incrementAndGet();
                }
                return true;
            })).toList();
            for (var reader : all) reader.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read a page from history: " + e.getCause(), e);
        }
        return count.get();
    }

    private static void read(HttpClient http, URI page) throws IOException, InterruptedException {
        var answer = http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) throw new IOException(page + " answers " + answer.statusCode());
    }
}
