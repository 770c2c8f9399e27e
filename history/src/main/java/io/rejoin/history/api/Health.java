package io.rejoin.history.api;

import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /health}: 200 with {@code "status": "ok"}, or 503 and what is out of reach and why. The answer is at most a second
 * old, however often it is asked for.
 */
public final class Health implements HttpService {
    private static final long FRESH = Duration.ofSeconds(1).toNanos();
    private static final String OK = "ok";

    /** Throws what is wrong, within a few seconds. */
    @FunctionalInterface
    public interface Check {
        void run();
    }

    private final Map<String, Check> checks;
    private final SharedReads<String, Report> reads = new SharedReads<>();
    private volatile @Nullable Report latest;

    /** @param parts {@code "ok"} or what is wrong, for each part */
    private record Report(long at, Map<String, String> parts) {
        boolean isOk() {
            return parts.values().stream().allMatch(OK::equals);
        }

        byte[] json() {
            var body = new TreeMap<>(parts);
            body.put("status", isOk() ? OK : "unavailable");
            return ErrorBody.json(body);
        }
    }

    /** @param checks one for each part this service needs, by its name */
    public Health(Map<String, Check> checks) {
        this.checks = Map.copyOf(checks);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/health", this::health);
    }

    private void health(ServerRequest request, ServerResponse response) throws InterruptedException {
        var report = latest;
        if (report == null || System.nanoTime() - report.at() > FRESH) report = reads.read("health", this::check);
        response.status(report.isOk() ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
                .header(HeaderValues.CONTENT_TYPE_JSON).send(report.json());
    }

    private Report check() {
        var parts = new TreeMap<String, String>();
        checks.forEach((name, check) -> parts.put(name, outcome(check)));
        var report = new Report(System.nanoTime(), parts);
        latest = report;
        return report;
    }

    private static String outcome(Check check) {
        try {
            check.run();
            return OK;
        } catch (RuntimeException e) { // whatever it is, it is the answer
            return "out of reach: " + e.getMessage();
        }
    }
}
