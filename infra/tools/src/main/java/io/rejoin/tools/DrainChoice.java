package io.rejoin.tools;

import io.rejoin.contracts.log.EdgeHeartbeat;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the edge for {@code infra/rejoinctl drain}, and decides whether it may be drained. It depends on heartbeats
 * alone.
 */
sealed interface DrainChoice {
    /** An edge with a heartbeat within this time runs. Routers give up a silent edge after about the same time. */
    Duration RUNS = Duration.ofSeconds(5);
    /** The statuses of an edge that accepts clients. */
    Set<String> READY = Set.of("ok", "degraded");
    int MAX_LISTED = 50;

    /** The edge to drain. */
    record Edge(EdgeHeartbeat heartbeat) implements DrainChoice {}

    /** No running edge matches, or several do. The message lists them. */
    record NoSuchEdge(String message) implements DrainChoice {}

    /** The edge must not be drained; the message says why. */
    record Refused(String message) implements DrainChoice {}

    /**
     * Chooses an edge.
     *
     * @param name   the edge's id, or the beginning of only one edge's id
     * @param undo   whether the edge is to accept clients again
     * @param forced whether it may be the last edge that accepts clients
     */
    static DrainChoice of(Heartbeats heartbeats, String name, boolean undo, boolean forced) {
        var running = heartbeats.latest().stream().filter(each -> heartbeats.silence(each).compareTo(RUNS) <= 0)
                .map(Heartbeats.Heard::heartbeat).toList();
        var meant = meant(running, name);
        if (meant.size() != 1) return new NoSuchEdge(problem(meant, running, name));
        var edge = meant.getFirst();
        if (edge.status() == null)
            return new Refused("the version of edge " + id(edge) + " drains only after SIGTERM: stop its process with"
                    + " SIGTERM");
        if (edge.status().equals("draining"))
            return new Refused("edge " + id(edge) + " is being stopped: it drains already, and then ends");
        var isLast = running.stream().noneMatch(other -> !id(other).equals(id(edge)) && isReady(other.status()));
        if (!undo && !forced && isLast && isReady(edge.status()))
            return new Refused(
                    "edge " + id(edge) + " is the last ready edge: its clients could not connect anywhere."
                            + " Start another edge first, or use --force");
        return new Edge(edge);
    }

    /** Whether an edge with that status accepts clients. An edge without a status is assumed to. */
    static boolean isReady(@Nullable String status) {
        return status == null || READY.contains(status);
    }

    private static List<EdgeHeartbeat> meant(List<EdgeHeartbeat> running, String name) {
        var exact = running.stream().filter(each -> id(each).equals(name)).toList();
        return exact.isEmpty() ? running.stream().filter(each -> id(each).startsWith(name)).toList() : exact;
    }

    private static String problem(List<EdgeHeartbeat> meant, List<EdgeHeartbeat> running, String name) {
        if (running.isEmpty())
            return "no edge runs: none sent a heartbeat in the last " + RUNS.toSeconds()
                    + " s; see `infra/rejoinctl edges --all`";
        return meant.isEmpty()
                ? "no edge " + name + " runs; these edges run: " + list(running)
                : "the ids of several edges begin with " + name + ": " + list(meant);
    }

    private static String list(List<EdgeHeartbeat> edges) {
        var listed = edges.stream().limit(MAX_LISTED).map(DrainChoice::described).collect(Collectors.joining(", "));
        return edges.size() <= MAX_LISTED ? listed : listed + " and " + (edges.size() - MAX_LISTED) + " more";
    }

    private static String described(EdgeHeartbeat edge) {
        return id(edge) + " (" + edge.connections() + " connections"
                + (edge.status() == null ? "" : ", " + edge.status())
                + ")";
    }

    private static String id(EdgeHeartbeat edge) {
        return edge.edge().edge();
    }
}
