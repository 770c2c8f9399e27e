package io.rejoin.edge.resume;

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
 * Reads missed messages from the history service over HTTP. Blocks; safe for any thread. Identical concurrent reads
 * share one request, because after a gap all members of a room need the same messages.
 */
public final class HistoryClient implements HistoryReads, AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** How long history may delay an answer until it has stored the requested messages. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIMEOUT = MAX_WAIT.plusSeconds(10);
    private static final int CONCURRENT_READS = 64;
    /** The limit of concurrent waits for history to store messages. A wait holds no page. */
    private static final int CONCURRENT_WAITS = 256;
    /**
     * The largest accepted answer. A history of this version sends at most {@link ReplayCodec#PAGE_BYTES}, half of it.
     */
    private static final int MAX_BYTES = 2 * ReplayCodec.PAGE_BYTES;

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    private record Read(RoomId room, long epoch, long after, long to, int limit) {
        private Read withLimit(int max) {
            return new Read(room, epoch, after, to, Math.min(limit, max));
        }
    }

    private final String baseUrl;
    private final @Nullable String secret;
    private final @Nullable String installationId;
    private final Runnable onErasure;
    /** The highest number of erasures that history has reported. */
    private final AtomicLong erasures = new AtomicLong();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT).build();
    private final Semaphore readPermits = new Semaphore(CONCURRENT_READS);
    private final Semaphore waitPermits = new Semaphore(CONCURRENT_WAITS);
    /** The largest number of messages to ask for; lower after an answer that was too large. */
    private volatile int maxMessages = ReplayCodec.MAX_PAGE;
    private final ConcurrentMap<Read, FutureTask<ReplayPage>> inFlight = new ConcurrentHashMap<>();

    /**
     * Creates a client; opens no connection yet.
     *
     * @param baseUrl        the URL where the service listens, with or without a path
     * @param secret         the bearer token that the service expects; null for none
     * @param installationId the id of the events topic that the service's messages must come from; null if not known
     * @param onErasure      called when history has erased a user: messages read or delivered before must not be shown
     *                       any more
     */
    public HistoryClient(URI baseUrl, @Nullable String secret, @Nullable String installationId, Runnable onErasure) {
        this.baseUrl = baseUrl.toString().replaceAll("/+$", "");
        this.secret = secret;
        this.installationId = installationId;
        this.onErasure = onErasure;
    }

    @Override
    public ReplayPage read(RoomId room, long epoch, long after, long to, int limit)
            throws IOException, InterruptedException {
        // The end of a page without holes: more concurrent reads are identical
        var endOfFullPage = Math.min(to, after + limit);
        var page = read(new Read(room, epoch, after, endOfFullPage, limit));
        if (endOfFullPage == to || page.head() < endOfFullPage || !page.messages().isEmpty()) return page;
        return read(new Read(room, epoch, after, to, limit)); // a hole: read the first messages after it
    }

    @Override
    public boolean awaitStored(RoomId room, long epoch, long after) throws IOException, InterruptedException {
        if (!waitPermits.tryAcquire()) return false;
        try {
            var next = new Read(room, epoch, after, after + 1, 1);
            return requestPage(next, "&wait_ms=" + MAX_WAIT.toMillis()).head() > after;
        } finally {
            waitPermits.release();
        }
    }

    private ReplayPage read(Read read) throws IOException, InterruptedException {
        var own = new FutureTask<>(() -> fetch(read));
        var shared = inFlight.putIfAbsent(read, own);
        if (shared != null) return result(shared);
        try {
            own.run();
        } finally {
            inFlight.remove(read, own);
        }
        return result(own);
    }

    /**
     * Checks that the service answers, accepts the secret, and belongs to this installation.
     *
     * @throws RefusedException if an operator has to correct a setting
     * @throws IOException      if the service is unhealthy or unreachable
     */
    public void check() throws IOException, InterruptedException {
        checked(send("/health", CONNECT_TIMEOUT));
        var response = send(ReplayCodec.INSTALLATION_PATH, CONNECT_TIMEOUT);
        if (response.statusCode() != 404) checked(response); // an earlier version lacks this path
    }

    /** The service answers but must not be used. The message says what an operator has to do. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    private ReplayPage fetch(Read read) throws IOException, InterruptedException {
        readPermits.acquire();
        try {
            while (true) {
                var wanted = read.withLimit(maxMessages);
                try {
                    var page = requestPage(wanted, "");
                    maxMessages = Math.min(ReplayCodec.MAX_PAGE, maxMessages * 2);
                    return page;
                } catch (TooLargeException e) { // an earlier history does not limit the bytes of a page
                    if (wanted.limit() == 1) throw e;
                    maxMessages = Math.max(1, wanted.limit() / 4);
                }
            }
        } finally {
            readPermits.release();
        }
    }

    private ReplayPage requestPage(Read read, String extraQuery) throws IOException, InterruptedException {
        var query = "?room=" + URLEncoder.encode(read.room().key(), UTF_8) + "&epoch=" + read.epoch() + "&after="
                + read.after() + "&to=" + read.to() + "&limit=" + read.limit() + extraQuery;
        return ReplayCodec.read(checked(send(ReplayCodec.PATH + query, ANSWER_TIMEOUT)));
    }

    private static ReplayPage result(FutureTask<ReplayPage> read) throws IOException, InterruptedException {
        try {
            return read.get();
        } catch (ExecutionException e) {
            throw new IOException("cannot read from history: " + e.getCause(), e);
        }
    }

    private HttpResponse<byte[]> send(String pathAndQuery, Duration timeout) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(baseUrl + pathAndQuery)).timeout(timeout);
        if (secret != null) request.header("Authorization", "Bearer " + secret);
        return await(http.sendAsync(request.build(), HistoryClient::limitedBody), timeout);
    }

    private byte[] checked(HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() == 401)
            throw new RefusedException("history at " + baseUrl + " refuses this edge: "
                    + (secret == null ? "history needs a secret" : "the secrets differ")
                    + "; set EDGE_HISTORY_SECRET to its HISTORY_API_SECRET");
        var installationOfHistory = response.headers().firstValue(ReplayCodec.INSTALLATION_HEADER).orElse(null);
        if (installationId != null && installationOfHistory != null && !installationOfHistory.equals(installationId))
            throw new RefusedException("history at " + baseUrl
                    + " belongs to another installation: its messages come from a"
                    + " topic rejoin.events with the id " + installationOfHistory
                    + ", but in this edge's Kafka the topic has the id " + installationId
                    + "; check EDGE_HISTORY_URL, and KAFKA_BOOTSTRAP_SERVERS of both. If the topics were"
                    + " created again, restart this edge");
        if (response.statusCode() != 200)
            throw new IOException("history answered " + response.statusCode() + " to " + response.uri().getPath());
        response.headers().firstValue(ReplayCodec.ERASURES_HEADER).filter(value -> NUMBER.matcher(value).matches())
                .ifPresent(value -> handleErasures(Long.parseLong(value)));
        return response.body();
    }

    /**
     * Handles the number of erasures that history reports. Several history processes may share one address, so a number
     * can be lower than the last one.
     */
    private void handleErasures(long count) {
        if (count > erasures.getAndAccumulate(count, Math::max)) onErasure.run();
    }

    /** An answer has more bytes than {@link #MAX_BYTES}. */
    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long bytes) {
            super("history answered with " + bytes + " bytes, the limit is " + MAX_BYTES);
        }
    }

    /** Limits the size of an answer. */
    private static HttpResponse.BodySubscriber<byte[]> limitedBody(HttpResponse.ResponseInfo response) {
        var length = response.headers().firstValueAsLong("Content-Length").orElse(0);
        if (length > MAX_BYTES) throw new UncheckedIOException(new TooLargeException(length));
        return HttpResponse.BodySubscribers.limiting(HttpResponse.BodySubscribers.ofByteArray(), MAX_BYTES);
    }

    /**
     * Waits for the whole answer. The request's own timeout covers only the headers, so a service that stalls in the
     * body would block the caller without end.
     */
    private static <T> T await(CompletableFuture<T> answer, Duration timeout) throws IOException, InterruptedException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            var cause = e.getCause() instanceof UncheckedIOException unchecked ? unchecked.getCause() : e.getCause();
            throw cause instanceof IOException failure ? failure : new IOException(cause);
        } catch (TimeoutException e) {
            throw new IOException("no complete answer within " + timeout.toSeconds() + " s", e);
        } finally {
            answer.cancel(true);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
