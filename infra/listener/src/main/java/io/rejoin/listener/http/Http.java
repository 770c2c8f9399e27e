package io.rejoin.listener.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of a service's port: a {@link Site} answers HTTP requests, and an {@link Upgrade} switches connections
 * to another protocol.
 */
public final class Http implements ServerConnectionSelector {
    private final Site site;
    private final @Nullable Upgrade upgrade;

    /** HTTP without upgrades. The site answers upgrade requests, too. */
    public Http(Site site) {
        this(site, null);
    }

    /** @param upgrade gets the requests that ask for its protocol; null for none */
    public Http(Site site, @Nullable Upgrade upgrade) {
        this.site = site;
        this.upgrade = upgrade;
    }

    @Override
    public int bytesToIdentifyConnection() {
        return 0;
    }

    /** Accepts every connection, because even invalid bytes get an HTTP answer. */
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
        return new HttpConnection(ctx, site, upgrade);
    }
}
