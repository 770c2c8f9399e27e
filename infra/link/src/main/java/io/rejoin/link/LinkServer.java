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
 * Where routers take streams of edges in: {@code GET /link} with {@code Upgrade: rejoin-link-2}, on a listener that serves other
 * things too.
 */
public final class LinkServer implements Upgrade {
    /** What the streams are called in HTTP's {@code Upgrade}; the number is their version. */
    static final String PROTOCOL = "rejoin-link-2";
    static final String PATH = "/link";

    private static final byte[] ACCEPTED = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + PROTOCOL
            + "\r\nConnection: Upgrade\r\n\r\n").getBytes(US_ASCII);
    /** Silence of an edge after which it is gone: it says something every two seconds. */
    private static final Duration SILENT = Duration.ofSeconds(10);

    private final byte @Nullable [] authorization;
    private final LinkListener listener;
    private final Shares waiting;
    private final Duration mostSilence;

    /**
     * Takes them in.
     *
     * @param secret      that an edge has to know; null lets everybody in
     * @param listener    hears of each stream
     * @param mostWaiting bytes that may wait for all edges together, each of which has an equal share; whoever is slower loses its
     *                    stream
     */
    public LinkServer(@Nullable String secret, LinkListener listener, int mostWaiting) {
        this(secret, listener, mostWaiting, SILENT);
    }

    LinkServer(@Nullable String secret, LinkListener listener, int mostWaiting, Duration mostSilence) {
        this.authorization = secret == null ? null : ("Bearer " + secret).getBytes(UTF_8);
        this.listener = listener;
        this.waiting = new Shares(mostWaiting);
        this.mostSilence = mostSilence;
    }

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, RequestHead request) throws RequestRefused {
        if (!request.path().equals(PATH)) throw RequestRefused.nothingThere();
        if (!request.method().equals("GET")) throw RequestRefused.method("GET");
        if (authorization != null && !isKnown(request))
            throw new RequestRefused(RefusalCode.INVALID_TOKEN,
                    "this router asks for its secret: set EDGE_ROUTER_SECRET to its ROUTER_LINK_SECRET");
        try {
            ctx.dataWriter().writeNow(BufferData.create(ACCEPTED)); // within the listener's time for a write
        } catch (SocketWriterException | UncheckedIOException e) {
            throw new ServerConnectionException("the edge went before it was answered", e);
        }
        Listener.upgraded();
        return new ServerStream(ctx, listener, waiting, mostSilence);
    }

    private boolean isKnown(RequestHead request) {
        var given = String.join("", request.all("Authorization")).getBytes(UTF_8);
        return MessageDigest.isEqual(authorization, given);
    }
}
