package io.rejoin.edge.http;

import static io.rejoin.contracts.client.RefusalCode.BAD_REQUEST;
import static io.rejoin.contracts.client.RefusalCode.INTERNAL_ERROR;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.DateTime;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.edge.websocket.UpgradeRefused;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.edge.websocket.Upgrader;
import io.rejoin.listener.Listener;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection, as long as it speaks HTTP: a loop that reads a head and writes its answer, so that pipelined requests are
 * answered in their order. A handshake that succeeds hands it over to a WebSocket for good.
 */
final class HttpConnection implements ServerConnection {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

    private final ConnectionContext ctx;
    private final Upgrader upgrader;
    private final Site site;
    private final HeadReader heads;
    private volatile @Nullable Thread thread;
    /** Whether it waits for a client, so that nothing is cut off by an interrupt. */
    private volatile boolean reading = true;
    private volatile boolean stopping;
    private volatile @Nullable ServerConnection webSocket;
    private volatile long lastRequest = System.nanoTime();

    HttpConnection(ConnectionContext ctx, Upgrader upgrader, Site site) {
        this.ctx = ctx;
        this.upgrader = upgrader;
        this.site = site;
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

    /** Answers one request; false when no other may follow. */
    private boolean serve(Limit limit) throws InterruptedException {
        RequestHead head;
        try {
            head = heads.next();
        } catch (RequestRefused refused) {
            end(Answer.refusal(refused.code(), Objects.requireNonNull(refused.getMessage())), false);
            return false;
        } finally {
            reading = false;
        }
        if (head == null) return false; // it went in the middle of its request
        Listener.requested(head.hasBody());
        if (head.isUpgrade()) return upgrade(head, limit);
        var isHead = head.method().equals("HEAD");
        var answer = answer(head);
        if (stopping || !head.keepsAlive() || head.hasBody() || answer.status() == INTERNAL_ERROR.status()) {
            end(answer, isHead);
            return false;
        }
        write(answer.withConnection(head.http11() ? "" : "keep-alive"), isHead);
        return true;
    }

    private Answer answer(RequestHead head) {
        try {
            return site.answer(head);
        } catch (RuntimeException fault) {
            return failed(head, fault);
        }
    }

    private boolean upgrade(RequestHead head, Limit limit) throws InterruptedException {
        ServerConnection opened;
        try {
            if (head.hasBody()) throw new UpgradeRefused(BAD_REQUEST, "a WebSocket handshake has no body");
            opened = upgrader.upgrade(ctx, head.method(), new UpgradeRequest(head.path(), head.query(), head::all));
        } catch (UpgradeRefused refused) {
            end(Answer.refusal(refused), false);
            return false;
        } catch (ServerConnectionException gone) {
            throw gone;
        } catch (RuntimeException fault) {
            end(failed(head, fault), false);
            return false;
        }
        webSocket = opened;
        if (stopping) opened.close(false);
        opened.handle(limit);
        return false;
    }

    /** Paths name rooms and queries hold tokens: neither is logged. */
    private static Answer failed(RequestHead head, RuntimeException fault) {
        log.atError().addKeyValue("method", head.method()).setCause(fault).log("a request failed");
        return Answer.refusal(INTERNAL_ERROR, "this server failed; its log tells why");
    }

    /** The last answer. Whoever still sends is heard out by the listener, or it would be reset before it has read that. */
    private void end(Answer answer, boolean head) {
        write(answer.withConnection("close"), head);
    }

    private void write(Answer answer, boolean head) {
        try {
            ctx.dataWriter().writeNow(BufferData.create(answer.with("Date", DateTime.rfc1123String()).encode(head)));
        } catch (SocketWriterException | UncheckedIOException e) {
            throw new ServerConnectionException("the client went before it was answered", e);
        }
    }

    @Override
    public Duration idleTime() {
        var inner = webSocket;
        return inner == null ? Duration.ofNanos(System.nanoTime() - lastRequest) : inner.idleTime();
    }

    /** The listener's, when it stops: first asked nicely, then with {@code interrupt}. */
    @Override
    public void close(boolean interrupt) {
        stopping = true;
        var inner = webSocket;
        var reader = thread;
        if (inner != null) inner.close(interrupt);
        else if (reader != null && (interrupt || reading)) reader.interrupt();
    }
}
