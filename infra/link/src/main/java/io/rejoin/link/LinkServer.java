package io.rejoin.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Upgrade;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The router's server for streams of edges: {@code GET /link} with {@code Upgrade: rejoin-link-2}. It shares its
 * listener with other pages.
 */
public final class LinkServer implements Upgrade {
    /** Name of the protocol in the HTTP header {@code Upgrade}; the number is the protocol's version. */
    static final String PROTOCOL = "rejoin-link-2";
    static final String PATH = "/link";

    private static final byte[] ACCEPTED = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + PROTOCOL
            + "\r\nConnection: Upgrade\r\n\r\n").getBytes(US_ASCII);
    /** After this silence an edge counts as failed. A working edge sends a frame at least every two seconds. */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(10);

    private final byte @Nullable [] authorization;
    private final LinkListener listener;
    private final QueueBudget budget;
    private final Duration maxSilence;

    /**
     * Creates the server.
     *
     * @param secret          the secret that an edge must send; null accepts every edge
     * @param listener        receives the events of all streams
     * @param maxWaitingBytes limit of the bytes that wait for all edges together, divided equally among them. An edge
     *                        that exceeds its share loses its stream
     */
    public LinkServer(@Nullable String secret, LinkListener listener, int maxWaitingBytes) {
        this(secret, listener, maxWaitingBytes, MAX_SILENCE);
    }

    LinkServer(@Nullable String secret, LinkListener listener, int maxWaitingBytes, Duration maxSilence) {
        this.authorization = secret == null ? null : ("Bearer " + secret).getBytes(UTF_8);
        this.listener = listener;
        this.budget = new QueueBudget(maxWaitingBytes);
        this.maxSilence = maxSilence;
    }

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, RequestHead request) throws RequestRefused {
        if (!request.path().equals(PATH)) throw RequestRefused.nothingThere();
        if (!request.method().equals("GET")) throw RequestRefused.method("GET");
        if (authorization != null && !hasSecret(request))
            throw new RequestRefused(RefusalCode.INVALID_TOKEN,
                    "this router requires its secret: set EDGE_ROUTER_SECRET to the router's ROUTER_LINK_SECRET");
        try {
            ctx.dataWriter().writeNow(BufferData.create(ACCEPTED)); // the listener's timeout for writes applies
        } catch (SocketWriterException | UncheckedIOException e) {
            throw new ServerConnectionException("the edge disconnected before the router answered", e);
        }
        Listener.upgraded();
        return new ServerStream(ctx, listener, budget, maxSilence);
    }

    private boolean hasSecret(RequestHead request) {
        var given = String.join("", request.all("Authorization")).getBytes(UTF_8);
        return MessageDigest.isEqual(authorization, given);
    }
}
