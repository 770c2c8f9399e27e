package io.rejoin.listener;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.context.Context;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The configuration objects that Helidon requires for a connection. All connections of a listener share them.
 *
 * @param requests has no effect: the number of connections is bounded, and each has one request at a time
 */
record HelidonContext(ServerConnectionSelector selector, Router router, Limit requests, Context context,
        MediaContext mediaContext, ContentEncodingContext contentEncodingContext, DirectHandlers directHandlers,
        ListenerConfig config, ExecutorService executor) implements ListenerContext {

    static HelidonContext of(ServerConnectionSelector selector) {
        return new HelidonContext(selector, Router.empty(), FixedLimit.create(), Context.create(),
                MediaContext.create(),
                ContentEncodingContext.create(), DirectHandlers.create(), ListenerConfig.create(),
                Executors.newVirtualThreadPerTaskExecutor());
    }
}
