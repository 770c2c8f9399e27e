package io.rejoin.listener.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a service speaks on its port: HTTP that a {@link Site} answers, and what begins as HTTP and goes on as something else. */
public final class Http implements ServerConnectionSelector {
    private final Site site;
    private final @Nullable Upgrade upgrade;

    /** And nothing else: who asks for another protocol is answered by the site. */
    public Http(Site site) {
        this(site, null);
    }

    /** @param upgrade asked whenever a request asks for its protocol; null for none */
    public Http(Site site, @Nullable Upgrade upgrade) {
        this.site = site;
        this.upgrade = upgrade;
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
        return new HttpConnection(ctx, site, upgrade);
    }
}
