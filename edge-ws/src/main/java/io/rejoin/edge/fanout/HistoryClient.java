package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads missed messages from the history service. Blocks; safe for any thread. Reads that are identical and concurrent are
 * made once: after a gap all members of a room want the same.
 */
public final class HistoryClient implements HistoryReads, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    /** How long history may hold an answer back until it has taken in what is asked for. */
    private static final Duration WAIT = Duration.ofSeconds(2);
    private static final Duration ANSWER = WAIT.plusSeconds(10);
    private static final int CONCURRENT_READS = 64;
    /** Of those that wait for history to take something in, which holds no page. */
    private static final int CONCURRENT_WAITS = 256;
    /** A history of our version sends half of that at most; see {@link ReplayCodec#PAGE_BYTES}. */
    private static final int MOST_BYTES = 2 * ReplayCodec.PAGE_BYTES;

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    private record Read(RoomId room, long epoch, long after, long to, int limit) {
        private Read of(int fewer) {
            return new Read(room, epoch, after, to, Math.min(limit, fewer));
        }
    }

    private final String base;
    private final @Nullable String secret;
    private final @Nullable String installation;
    private final Runnable erased;
    /** The most that history said were done. */
    private final AtomicLong erasures = new AtomicLong();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT)
            .build();
    private final Semaphore places = new Semaphore(CONCURRENT_READS);
    private final Semaphore waiters = new Semaphore(CONCURRENT_WAITS);
    /** Fewer than that are asked for, for so many were too large. */
    private volatile int fitting = ReplayCodec.MAX_PAGE;
    private final ConcurrentMap<Read, FutureTask<ReplayPage>> underWay = new ConcurrentHashMap<>();

    /**
     * Connects to nobody yet.
     *
     * @param base         where the service listens, with or without a path
     * @param secret       what it asks for; null for nothing
     * @param installation the id of the topic of events that its messages must come from; null where that is not known
     * @param erased       called when history has erased a user: what was read, or delivered, before must not be shown any more
     */
    public HistoryClient(URI base, @Nullable String secret, @Nullable String installation, Runnable erased) {
        this.base = base.toString().replaceAll("/+$", "");
        this.secret = secret;
        this.installation = installation;
        this.erased = erased;
    }

    @Override
    public ReplayPage read(RoomId room, long epoch, long after, long to, int limit)
            throws IOException, InterruptedException {
        var near = Math.min(to, after + limit); // all that a page can hold without a hole: few read differently
        var page = read(new Read(room, epoch, after, near, limit));
        if (near == to || page.head() < near || !page.messages().isEmpty()) return page;
        return read(new Read(room, epoch, after, to, limit)); // there is a hole: what comes first after it?
    }

    @Override
    public boolean awaitGrowth(RoomId room, long epoch, long after) throws IOException, InterruptedException {
        if (!waiters.tryAcquire()) return false;
        try {
            var next = new Read(room, epoch, after, after + 1, 1);
            return page(next, "&wait_ms=" + WAIT.toMillis()).head() > after;
        } finally {
            waiters.release();
        }
    }

    private ReplayPage read(Read read) throws IOException, InterruptedException {
        var mine = new FutureTask<>(() -> fetch(read));
        var running = underWay.putIfAbsent(read, mine);
        if (running != null) return result(running);
        try {
            mine.run();
        } finally {
            underWay.remove(read, mine);
        }
        return result(mine);
    }

    /**
     * Whether the service answers, lets us read, and is of our installation.
     *
     * @throws RefusedException if an operator has to put something right
     * @throws IOException      if it is not well
     */
    public void check() throws IOException, InterruptedException {
        ok(send("/health", CONNECT));
        var response = send(ReplayCodec.INSTALLATION_PATH, CONNECT);
        if (response.statusCode() != 404) ok(response); // an earlier version does not tell
    }

    /** It answers, and must not be read: the message says what to do. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    private ReplayPage fetch(Read read) throws IOException, InterruptedException {
        places.acquire();
        try {
            while (true) {
                var wanted = read.of(fitting);
                try {
                    var page = page(wanted, "");
                    fitting = Math.min(ReplayCodec.MAX_PAGE, fitting * 2);
                    return page;
                } catch (TooLargeException e) { // a history that does not bound its pages by bytes
                    if (wanted.limit() == 1) throw e;
                    fitting = Math.max(1, wanted.limit() / 4);
                }
            }
        } finally {
            places.release();
        }
    }

    private ReplayPage page(Read read, String more) throws IOException, InterruptedException {
        var query = "?room=" + URLEncoder.encode(read.room().key(), UTF_8) + "&epoch=" + read.epoch() + "&after="
                + read.after() + "&to=" + read.to() + "&limit=" + read.limit() + more;
        return ReplayCodec.read(ok(send(ReplayCodec.PATH + query, ANSWER)));
    }

    private static ReplayPage result(FutureTask<ReplayPage> read) throws IOException, InterruptedException {
        try {
            return read.get();
        } catch (ExecutionException e) {
            throw new IOException("read from history: " + e.getCause(), e);
        }
    }

    private HttpResponse<byte[]> send(String pathAndQuery, Duration bound) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(base + pathAndQuery)).timeout(bound);
        if (secret != null) request.header("Authorization", "Bearer " + secret);
        return await(http.sendAsync(request.build(), HistoryClient::body), bound);
    }

    private byte[] ok(HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() == 401)
            throw new RefusedException("history at " + base + " refuses this edge: "
                    + (secret == null ? "it asks for a secret" : "the secret is another one")
                    + "; set EDGE_HISTORY_SECRET to its HISTORY_API_SECRET");
        var theirs = response.headers().firstValue(ReplayCodec.INSTALLATION_HEADER).orElse(null);
        if (installation != null && theirs != null && !theirs.equals(installation))
            throw new RefusedException("history at " + base
                    + " belongs to another installation: its messages come from a"
                    + " topic rejoin.events with the id " + theirs + ", and that of this edge's Kafka has the id "
                    + installation + "; check EDGE_HISTORY_URL, and KAFKA_BOOTSTRAP_SERVERS of both. If the topics were"
                    + " made anew, restart this edge");
        if (response.statusCode() != 200)
            throw new IOException("history answered " + response.statusCode() + " to " + response.uri().getPath());
        response.headers().firstValue(ReplayCodec.ERASURES_HEADER).filter(value -> NUMBER.matcher(value).matches())
                .ifPresent(value -> erasures(Long.parseLong(value)));
        return response.body();
    }

    /** One of several histories behind the address may be behind the others. */
    private void erasures(long done) {
        if (done > erasures.getAndAccumulate(done, Math::max)) erased.run();
    }

    /** The answer has more bytes than a page may have. */
    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long bytes) {
            super("history answered with " + bytes + " bytes, " + MOST_BYTES + " are taken");
        }
    }

    /** Takes so much and no more, whatever it is that answers. */
    private static HttpResponse.BodySubscriber<byte[]> body(HttpResponse.ResponseInfo response) {
        var length = response.headers().firstValueAsLong("Content-Length").orElse(0);
        if (length > MOST_BYTES) throw new UncheckedIOException(new TooLargeException(length));
        return HttpResponse.BodySubscribers.limiting(HttpResponse.BodySubscribers.ofByteArray(), MOST_BYTES);
    }

    /** The request's own timeout ends with the headers: a service that stalls in a body would hold us for ever. */
    private static <T> T await(CompletableFuture<T> answer, Duration bound) throws IOException, InterruptedException {
        try {
            return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            var cause = e.getCause() instanceof UncheckedIOException unchecked ? unchecked.getCause() : e.getCause();
            throw cause instanceof IOException failure ? failure : new IOException(cause);
        } catch (TimeoutException e) {
            throw new IOException("no whole answer within " + bound.toSeconds() + " s", e);
        } finally {
            answer.cancel(true);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
