package io.rejoin.edge.ops;

import io.rejoin.edge.resume.HistoryClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Checks the health of the history service in the background, so that the edge's own health answers at once. The same
 * answers tell the edge of erasures.
 */
public final class HistoryProbe implements Runnable {
    /** The interval while history is unhealthy: short, to notice its recovery soon. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /**
     * The interval while history is healthy. No client moves to another edge because of history, so this can be long.
     */
    private static final Duration INTERVAL_HEALTHY = Duration.ofSeconds(10);

    private final HistoryClient history;
    private final URI baseUrl;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable String problem = "history: not checked yet; look again in a moment";

    public HistoryProbe(HistoryClient history, URI baseUrl) {
        this.history = history;
        this.baseUrl = baseUrl;
    }

    @Override
    public void run() {
        try {
            do {
                problem = check();
            } while (!stopped.await(interval().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration interval() {
        return problem == null ? INTERVAL_HEALTHY : INTERVAL;
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
    }

    /** Describes a problem found by the last check; null if there was none. */
    public @Nullable String problem() {
        return problem;
    }

    private @Nullable String check() throws InterruptedException {
        try {
            history.check();
            return null;
        } catch (HistoryClient.RefusedException e) {
            return "history: " + e.getMessage();
        } catch (IOException e) {
            return "history: " + baseUrl + " is unhealthy (" + e + "), so clients get missed messages late."
                    + " See its /health; if nothing answers there, check EDGE_HISTORY_URL";
        }
    }
}
