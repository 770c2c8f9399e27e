package io.rejoin.edge.ops;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Site;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers plain HTTP requests on the port for clients: health, the demo page, the client's modules, and why a WebSocket
 * would be refused.
 */
public final class ClientPortSite implements Site {
    private static final String METHODS = "GET, HEAD, OPTIONS";
    private static final Map<String, String> PREFLIGHT = Map.of("Allow", METHODS, //
            "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "GET, HEAD", //
            "Access-Control-Allow-Headers", "Authorization, *", "Access-Control-Max-Age", "86400");

    private final Map<String, Supplier<Answer>> health;
    private final UpgradeCheck upgradeCheck;
    private final StaticFiles files = new StaticFiles();

    public ClientPortSite(EdgeHealth health, UpgradeCheck upgradeCheck) {
        this.health = health.answersByPath();
        this.upgradeCheck = upgradeCheck;
    }

    /** Checks whether an upgrade would succeed. Opens no connection. */
    @FunctionalInterface
    public interface UpgradeCheck {
        void check(UpgradeRequest request) throws RequestRefused;
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused {
        reply.send(request.method().equals("OPTIONS") ? Answer.empty(204, PREFLIGHT) : get(request));
    }

    private Answer get(RequestHead request) throws RequestRefused {
        if (!request.reads()) throw RequestRefused.method(METHODS);
        var url = new UpgradeRequest(request.path(), request.query(), request::all);
        var page = health.get(url.path());
        if (page != null) return page.get();
        return switch (url.path()) {
            case "/" -> isForWebSocket(request)
                    ? answerForWebSocket(request, url)
                    : files.answer("/index.html", request);
            default -> url.path().equals("/ws") || url.path().startsWith("/ws/")
                    ? answerForWebSocket(request, url)
                    : files.answer(url.path(), request);
        };
    }

    /** Whether a request to {@code /} is for the WebSocket, not the demo page: it asks for JSON and not for HTML. */
    private static boolean isForWebSocket(RequestHead request) {
        var accept = String.join(",", request.all("Accept"));
        return request.asksForWebSocket() || (accept.contains("application/json") && !accept.contains("text/html"));
    }

    /**
     * Answers a plain request for the WebSocket. The request is refused for the same reasons as an upgrade. If an
     * upgrade would succeed, the answer says that an upgrade is required. Browsers hide the answer to a failed upgrade
     * from the page that wanted it. The page can read this answer instead.
     */
    private Answer answerForWebSocket(RequestHead request, UpgradeRequest url) throws RequestRefused {
        upgradeCheck.check(url);
        return Answer.refusal(RefusalCode.UPGRADE_REQUIRED, (request.http11()
                ? "this is a WebSocket, and it can be opened: connect with ws:// or wss://. A proxy must pass on"
                        + " the headers Upgrade and Connection"
                : "this is a WebSocket, which needs HTTP/1.1: nginx needs proxy_http_version 1.1 and must pass on"
                        + " the headers Upgrade and Connection"));
    }
}
