package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayPage;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The state of one simulated run: logs, processes, clients, and the assignment of partitions to processes. */
final class World {
    final Plan plan;
    final RandomGenerator random;
    final Trace trace;
    final LogModel facts = new LogModel();
    final Frames frames = new Frames();
    final Kafka kafka;
    final Database database;
    final List<RoomId> rooms;
    final List<EdgeProcess> edges = new ArrayList<>();
    final List<RouterProcess> routers = new ArrayList<>();
    final List<HistoryProcess> histories = new ArrayList<>();
    final List<SimulatedClient> clients = new ArrayList<>();
    /** By partition: the index of the router, and of the history instance, that has it. */
    private final int[] routerOf;
    private final int[] historyOf;
    private int edgesStarted;

    World(Plan plan, RandomGenerator random, Trace trace) {
        this.plan = plan;
        this.random = random;
        this.trace = trace;
        kafka = new Kafka(plan, random, facts, trace);
        database = new Database(facts);
        rooms = IntStream.range(0, plan.rooms()).mapToObj(n -> new RoomId(RoomId.DEFAULT_TENANT, "room" + n)).toList();
        routerOf = new int[plan.partitions()];
        historyOf = new int[plan.partitions()];
        for (var n = 0; n < plan.edges(); n++) startEdge();
        for (var n = 0; n < plan.routers(); n++) routers.add(new RouterProcess("router" + n, this));
        for (var n = 0; n < plan.histories(); n++) histories.add(new HistoryProcess(this));
        for (var n = 0; n < plan.clients(); n++) {
            var user = new UserId(UserId.DEFAULT_TENANT, "user" + n / plan.devicesPerUser());
            clients.add(new SimulatedClient(user, "client" + n, this));
        }
        for (var p = 0; p < plan.partitions(); p++) {
            reassignRouter(p);
            reassignHistory(p);
        }
    }

    void startEdge() {
        edges.add(new EdgeProcess("edge" + ++edgesStarted, this));
    }

    /** A random edge that accepts connections; null when there is none. */
    @Nullable
    EdgeProcess servingEdge() {
        var serving = edges.stream().filter(EdgeProcess::isServing).toList();
        return serving.isEmpty() ? null : serving.get(random.nextInt(serving.size()));
    }

    void reassignRouter(int partition) {
        routerOf[partition] = random.nextInt(routers.size());
    }

    void reassignHistory(int partition) {
        historyOf[partition] = random.nextInt(histories.size());
    }

    List<Integer> assigned(RouterProcess router) {
        var index = routers.indexOf(router);
        return IntStream.range(0, routerOf.length).filter(p -> routerOf[p] == index).boxed().toList();
    }

    List<Integer> assigned(HistoryProcess history) {
        var index = histories.indexOf(history);
        return IntStream.range(0, historyOf.length).filter(p -> historyOf[p] == index).boxed().toList();
    }

    /** Whether that incarnation sends no heartbeats: its edge is gone or stopped, or has another incarnation. */
    boolean isSilent(EdgeRef ref) {
        for (var edge : edges) {
            if (edge.ref().edge().equals(ref.edge())) {
                return !edge.isServing() || edge.ref().incarnation() != ref.incarnation();
            }
        }
        return true;
    }

    /**
     * Reads a page from the tail of some history instance, else from the database. Checks the tail's page against the
     * table.
     *
     * @return null when history does not answer
     */
    @Nullable
    ReplayPage readHistory(RoomId room, long epoch, long after, long to, int limit) {
        var page = histories.get(random.nextInt(histories.size())).page(room, epoch, after, to, limit);
        var stored = database.page(room, epoch, after, to, limit);
        if (page == null) return random.nextInt(8) == 0 ? null : stored;
        var answered = page.messages();
        var inTable = stored.messages().subList(0, Math.min(answered.size(), stored.messages().size()));
        Violation.unless(answered.equals(inTable) && page.head() <= stored.head(),
                () -> "history's tail has " + page + ", its table " + stored); // the tail may be behind, but not wrong
        return page;
    }
}
