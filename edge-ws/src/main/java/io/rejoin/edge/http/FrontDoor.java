package io.rejoin.edge.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.rejoin.edge.websocket.Upgrader;
import java.util.Set;

/** All that an edge speaks on its port: HTTP that a {@link Site} answers, and WebSockets that begin as HTTP. */
public final class FrontDoor implements ServerConnectionSelector {
    private final Upgrader upgrader;
    private final Site site;

    public FrontDoor(Upgrader upgrader, Site site) {
        this.upgrader = upgrader;
        this.site = site;
    }

    @Override
    public int bytesToIdentifyConnection() {
        return 0;
    }

    /** Whatever it is gets an answer. */
    @Override
    public Support supports(BufferData data) {
        return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return Set.of("http/1.1");
    }

    @Override
    public ServerConnection connection(ConnectionContext ctx) {
        return new HttpConnection(ctx, upgrader, site);
    }
}
