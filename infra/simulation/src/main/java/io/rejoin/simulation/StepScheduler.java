package io.rejoin.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Draws the next step of a run: work of clients and services, or a fault. A kind's weight is its share of the steps.
 * The seed decides how often each kind of fault occurs, so some seeds have many faults of one kind and none of another.
 *
 * <p>To add a kind of step, add a line to {@link #work} or {@link #faults}. Its function returns false when there was
 * nothing to do; such a call does not count as a step.
 */
final class StepScheduler {
    private static final Duration DAY = Duration.ofDays(1);

    private record Kind(int until, BooleanSupplier step) {}

    private final World world;
    private final RandomGenerator random;
    private final List<Kind> kinds = new ArrayList<>();
    private int total;
    private boolean over;

    StepScheduler(World world) {
        this.world = world;
        this.random = world.random;
        work();
        faults();
    }

    /** Draws a step and runs it; false when it had nothing to do. */
    boolean step() {
        var drawn = random.nextInt(total);
        for (var kind : kinds) {
            if (drawn < kind.until()) return kind.step().getAsBoolean();
        }
        throw new IllegalStateException("unknown kind of step: " + drawn);
    }

    private void work() {
        add(2_500, () -> any(world.clients).act());
        add(2_500, () -> any(world.clients).read(1 + random.nextInt(6)));
        add(4_000, () -> any(world.edges).work());
        add(5_000, () -> any(world.routers).work(ref -> world.isSilent(ref) || isMisjudged()));
        add(1_500, () -> any(world.histories).work());
        add(60, () -> world.kafka.wire.land(random));
        add(20, () -> world.kafka.wire.lose(random));
        add(40, this::learnRouters);
        add(40, this::learnHistories);
    }

    /** The seed scales the weight of each fault: from never to often. */
    private void faults() {
        fault(20, () -> any(world.routers).fail());
        fault(4, () -> crash(any(world.routers)));
        fault(6, () -> stop(any(world.routers)));
        add(60, () -> goOn(any(world.routers)));
        fault(10, this::reassign);
        fault(10, () -> any(world.edges).failToAppend());
        fault(3, () -> crash(any(world.edges)));
        fault(4, () -> stop(any(world.edges)));
        add(30, () -> goOn(any(world.edges)));
        fault(12, () -> any(world.edges).breakStream());
        fault(8, () -> any(world.histories).fail());
        fault(5, () -> crash(any(world.histories)));
        fault(4, () -> stop(any(world.histories)));
        add(40, () -> goOn(any(world.histories)));
        fault(10, () -> any(world.clients).disconnect());
        if (world.plan.leaps()) fault(3, this::leap);
    }

    /** Ends the faults. Some clients quit, and perhaps one last edge crashes. Stopped processes continue. */
    void end() {
        over = true;
        world.clients.stream().filter(_ -> random.nextInt(3) == 0).forEach(SimulatedClient::quit);
        if (random.nextBoolean()) crash(any(world.edges));
        world.routers.forEach(router -> router.stop(false));
        world.edges.forEach(edge -> edge.stop(false));
        world.edges.forEach(EdgeProcess::calm);
        world.histories.forEach(history -> history.stop(false));
    }

    /** Runs one round without faults, in which all processes and clients work; false when none of them had work. */
    boolean settle() {
        var idle = world.plan.confirmWithin().dividedBy(2);
        if (idle.compareTo(DAY) > 0) world.edges.forEach(EdgeProcess::dayPasses);
        world.kafka.idle(idle.toMillis());
        var busy = random.nextBoolean() ? world.kafka.wire.land(random) : world.kafka.wire.lose(random);
        for (var router : world.routers) {
            busy |= router.learn(world.assigned(router));
            busy |= often(40, () -> router.work(world::isSilent));
        }
        for (var history : world.histories) {
            busy |= history.learn(world.assigned(history));
            busy |= often(10, history::work);
        }
        for (var edge : world.edges) busy |= often(40, edge::work);
        for (var client : world.clients) {
            busy |= client.read(100);
            busy |= client.settle();
        }
        return busy;
    }

    private static boolean often(int times, BooleanSupplier step) {
        var busy = false;
        for (var n = 0; n < times; n++) busy |= step.getAsBoolean();
        return busy;
    }

    private void add(int weight, BooleanSupplier step) {
        total += weight;
        kinds.add(new Kind(total, step));
    }

    private void fault(int weight, BooleanSupplier step) {
        var scaled = switch (random.nextInt(5)) {
            case 0, 1 -> 0;
            case 2 -> weight;
            case 3 -> 4 * weight;
            default -> 12 * weight;
        };
        if (scaled > 0) add(scaled, step);
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private boolean isMisjudged() {
        return !over && random.nextInt(200) == 0;
    }

    private boolean learnRouters() {
        var router = any(world.routers);
        return router.learn(world.assigned(router));
    }

    private boolean learnHistories() {
        var history = any(world.histories);
        return history.learn(world.assigned(history));
    }

    private boolean reassign() {
        var partition = random.nextInt(world.plan.partitions());
        if (random.nextBoolean()) world.reassignRouter(partition);
        else
            world.reassignHistory(partition);
        return true;
    }

    private boolean crash(RouterProcess router) {
        world.trace.add(() -> router.name() + " crashes");
        router.crash();
        return true;
    }

    private boolean stop(RouterProcess router) {
        if (router.isStopped()) return false;
        world.trace.add(() -> router.name() + " is stopped");
        router.stop(true);
        for (var partition : world.assigned(router)) world.reassignRouter(partition);
        return true;
    }

    private boolean goOn(RouterProcess router) {
        if (!router.isStopped()) return false;
        world.trace.add(() -> router.name() + " continues");
        router.stop(false);
        return true;
    }

    private boolean crash(EdgeProcess edge) {
        world.trace.add(() -> edge.ref() + " crashes");
        edge.crash();
        world.edges.remove(edge);
        world.startEdge();
        return true;
    }

    private boolean stop(EdgeProcess edge) {
        if (edge.isStopped()) return false;
        world.trace.add(() -> edge.ref() + " is stopped");
        edge.stop(true);
        return true;
    }

    private boolean goOn(EdgeProcess edge) {
        if (!edge.isStopped()) return false;
        world.trace.add(() -> edge.ref() + " continues");
        edge.stop(false);
        return true;
    }

    private boolean crash(HistoryProcess history) {
        history.crash();
        return true;
    }

    private boolean stop(HistoryProcess history) {
        if (history.isStopped()) return false;
        history.stop(true);
        for (var partition : world.assigned(history)) world.reassignHistory(partition);
        return true;
    }

    private boolean goOn(HistoryProcess history) {
        if (!history.isStopped()) return false;
        history.stop(false);
        return true;
    }

    /** Lets a day pass. Only while no request is in flight, because a request is never that late. */
    private boolean leap() {
        if (!world.kafka.wire.isEmpty()) return false;
        world.kafka.leap();
        world.edges.forEach(EdgeProcess::dayPasses);
        return true;
    }
}
