package io.rejoin.edge.ops;

import com.fasterxml.jackson.core.JacksonException;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.edge.websocket.UpgradeRefused;
import io.rejoin.edge.websocket.UpgradeRequest;
import java.util.List;
import java.util.Map;

/** What an edge answers to plain HTTP: its health, the demo page and the client's script from the class path's {@code web}. */
public final class Pages {
    private static final Header NO_CACHE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");
    private static final Header NO_SNIFF = HeaderValues.createCached("X-Content-Type-Options", "nosniff");
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private final Health health;
    private final UpgradeCheck socket;

    public Pages(Health health, UpgradeCheck socket) {
        this.health = health;
        this.socket = socket;
    }

    /** Says whether an upgrade would succeed; it opens nothing. */
    @FunctionalInterface
    public interface UpgradeCheck {
        void check(UpgradeRequest request) throws UpgradeRefused;
    }

    /** Adds the routes. WebSockets do not come by here, whatever their path. */
    public void register(HttpRouting.Builder routing) {
        routing.any("/*", Pages::headers).get("/health", this::health)
                .get("/health/live", (_, response) -> answer(response, "live", health.isLive()))
                .get("/health/ready", (_, response) -> answer(response, "ready", health.isReady()))
                .any("/ws", this::ask).any("/ws/*", this::ask).any("/", this::askOrPage)
                .register("/", StaticContentFeature
                        .createService(ClasspathHandlerConfig.builder().location("web").welcome("index.html")
                                .putContentType("ts", MediaTypes.TEXT_PLAIN) // else it is taken for a film
                                .build()));
    }

    private static void headers(ServerRequest request, ServerResponse response) {
        response.header(NO_CACHE).header(NO_SNIFF).next();
    }

    private void health(ServerRequest request, ServerResponse response) {
        send(response, status(health.isReady()), health.report());
    }

    private static void answer(ServerResponse response, String question, boolean answer) {
        send(response, status(answer), Map.of(question, answer));
    }

    private static Status status(boolean isWell) {
        return isWell ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503;
    }

    /** At {@code /} is the demo page, unless somebody asks for JSON and nothing else: that is about the socket. */
    private void askOrPage(ServerRequest request, ServerResponse response) {
        var accept = String.join(",", request.headers().all(HeaderNames.ACCEPT, List::of));
        if (accept.contains("application/json") && !accept.contains("text/html")) ask(request, response);
        else
            response.next();
    }

    /** A plain request for the socket gets what an upgrade would get, so that a page can learn why it is refused. */
    private void ask(ServerRequest request, ServerResponse response) {
        try {
            var prologue = request.prologue();
            socket.check(new UpgradeRequest(prologue.uriPath().rawPath(), prologue.query().rawValue(),
                    name -> request.headers().all(HeaderNames.create(name), List::of)));
            refuse(response, new UpgradeRefused(RefusalCode.UPGRADE_REQUIRED,
                    "this is a WebSocket: connect with ws:// or wss://, not by a plain HTTP request"));
        } catch (UpgradeRefused refusal) {
            refuse(response, refusal);
        }
    }

    private static void refuse(ServerResponse response, UpgradeRefused refusal) {
        refusal.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
        response.status(refusal.code().status()).send(refusal.body());
    }

    private static void send(ServerResponse response, Status status, Object body) {
        try {
            response.status(status).header(JSON).send(Json.MAPPER.writeValueAsBytes(body));
        } catch (JacksonException e) {
            throw new IllegalStateException("an answer of ours has no JSON", e);
        }
    }
}
