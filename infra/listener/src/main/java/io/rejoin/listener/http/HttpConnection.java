package io.rejoin.listener.http;

import static io.rejoin.contracts.client.RefusalCode.INTERNAL_ERROR;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.DateTime;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.listener.Listener;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP on one TCP connection. A loop reads a head and writes its answer, so pipelined requests are answered in
 * order. After a successful handshake another protocol has the connection until its end.
 */
final class HttpConnection implements ServerConnection {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

    /** The largest answer that is copied into one buffer. Copying a larger one costs more than the packet it saves. */
    private static final int MAX_JOINED = 16 * 1024;
    private static final byte[] NOTHING = {};

    private final ConnectionContext ctx;
    private final Site site;
    private final @Nullable Upgrade upgrade;
    private final HeadReader heads;
    private volatile @Nullable Thread thread;
    /** Whether the thread waits for the client's bytes. Only then does an interrupt cut off no answer. */
    private volatile boolean reading = true;
    private volatile boolean stopping;
    private volatile @Nullable ServerConnection upgraded;
    private volatile long lastRequest = System.nanoTime();

    HttpConnection(ConnectionContext ctx, Site site, @Nullable Upgrade upgrade) {
        this.ctx = ctx;
        this.site = site;
        this.upgrade = upgrade;
        this.heads = new HeadReader(ctx.dataReader());
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        thread = Thread.currentThread();
        while (!stopping && heads.await() && serve(limit)) {
            lastRequest = System.nanoTime();
            reading = true;
        }
    }

    /** Answers one request. Returns false when no other request may follow. */
    private boolean serve(Limit limit) throws InterruptedException {
        RequestHead head;
        try {
            head = heads.next();
        } catch (RequestRefused refused) {
            end(Answer.refusal(refused), false);
            return false;
        } finally {
            reading = false;
        }
        if (head == null) return false; // the client went in the middle of its request
        Listener.requested(head.hasBody());
        if (upgrade != null && head.isUpgradeTo(upgrade.protocol())) return upgrade(upgrade, head, limit);
        return answer(head);
    }

    private boolean answer(RequestHead head) throws InterruptedException {
        var exchange = new Exchange(head);
        try {
            site.answer(head, exchange);
            if (exchange.isAnswered) return exchange.goesOn;
            throw new IllegalStateException("a site sent no answer");
        } catch (RequestRefused refused) {
            exchange.send(Answer.refusal(refused));
            return exchange.goesOn;
        } catch (ServerConnectionException gone) {
            throw gone;
        } catch (RuntimeException fault) {
            var answer = failed(head, fault);
            if (!exchange.isAnswered) exchange.send(answer);
            return false;
        }
    }

    /** One request and its answer. */
    private final class Exchange implements Site.Reply {
        private final RequestHead head;
        private boolean isAnswered;
        /** Whether another request may follow. */
        private boolean goesOn;

        Exchange(RequestHead head) {
            this.head = head;
        }

        @Override
        public void send(Answer answer) {
            if (isAnswered) throw new IllegalStateException("a site sent two answers");
            isAnswered = true;
            var isHead = head.method().equals("HEAD");
            if (stopping || !head.keepsAlive() || head.hasBody() || answer.status() == INTERNAL_ERROR.status()) {
                end(answer, isHead);
                return;
            }
            goesOn = true;
            write(answer.withConnection(head.http11() ? "" : "keep-alive"), isHead);
        }
    }

    private boolean upgrade(Upgrade upgrading, RequestHead head, Limit limit) throws InterruptedException {
        ServerConnection opened;
        try {
            if (head.hasBody()) throw RequestRefused.bad("an upgrade request must have no body");
            opened = upgrading.upgrade(ctx, head);
        } catch (RequestRefused refused) {
            end(Answer.refusal(refused), false);
            return false;
        } catch (ServerConnectionException gone) {
            throw gone;
        } catch (RuntimeException fault) {
            end(failed(head, fault), false);
            return false;
        }
        upgraded = opened;
        if (stopping) opened.close(false);
        opened.handle(limit);
        return false;
    }

    /**
     * Logs a fault and makes the answer for it. The log has neither path nor query, because paths name rooms and
     * queries hold tokens.
     */
    private static Answer failed(RequestHead head, RuntimeException fault) {
        log.atError().addKeyValue("method", head.method()).setCause(fault).log("a request failed");
        return Answer.refusal(INTERNAL_ERROR, "the server failed; its log has the reason");
    }

    /**
     * Sends the last answer of the connection. Afterwards the listener reads on until the client closes; otherwise a
     * reset could destroy the answer before the client has read it.
     */
    private void end(Answer answer, boolean isHead) {
        write(answer.withConnection("close"), isHead);
    }

    private void write(Answer answer, boolean isHead) {
        var head = answer.with("Date", DateTime.rfc1123String()).head();
        var body = isHead ? NOTHING : answer.body();
        if (head.length + body.length > MAX_JOINED) {
            write(head);
            write(body);
            return;
        }
        var joined = Arrays.copyOf(head, head.length + body.length); // mostly one packet
        System.arraycopy(body, 0, joined, head.length, body.length);
        write(joined);
    }

    private void write(byte[] bytes) {
        try {
            ctx.dataWriter().writeNow(BufferData.create(bytes));
        } catch (SocketWriterException | UncheckedIOException e) {
            throw new ServerConnectionException("the client disconnected before the answer was sent", e);
        }
    }

    @Override
    public Duration idleTime() {
        var inner = upgraded;
        return inner == null ? Duration.ofNanos(System.nanoTime() - lastRequest) : inner.idleTime();
    }

    /** Ends the connection. The listener calls this when it stops, first without {@code interrupt}, then with it. */
    @Override
    public void close(boolean interrupt) {
        stopping = true;
        var inner = upgraded;
        var reader = thread;
        if (inner != null) inner.close(interrupt);
        else if (reader != null && (interrupt || reading)) reader.interrupt();
    }
}
