package io.rejoin.simulation;

import io.rejoin.contracts.RoomId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs one seed. First it draws steps in a {@code World}. Then the faults end and all processes finish their work. At
 * the end it checks all guarantees. The same seed, number of steps and bug give the same run.
 */
public final class Simulation {
    /**
     * The result of a run.
     *
     * @param violation the guarantee that was broken, or null
     * @param trace     the last lines of the trace; empty unless lines were requested
     */
    public record Result(long seed, long steps, @Nullable String violation, List<String> trace) {
        public Result {
            trace = List.copyOf(trace);
        }
    }

    /** A world without faults must have no work left after at most this many steps. */
    private static final int MAX_TO_REST = 20_000;
    /** The world is at rest after this many rounds in a row without work. */
    private static final int QUIET = 5;

    private final World world;
    private final Trace trace;
    private long steps;

    private Simulation(long seed, Bug bug, Trace trace) {
        var random = new SplittableRandom(seed);
        this.trace = trace;
        this.world = new World(Plan.draw(random, bug), random, trace);
    }

    /**
     * Runs a seed.
     *
     * @param traceLines how many of the last trace lines to keep; a run with 0 is much faster
     */
    public static Result run(long seed, int steps, Bug bug, int traceLines) {
        var trace = new Trace(traceLines);
        var simulation = new Simulation(seed, bug, trace);
        try {
            simulation.run(steps);
            return new Result(seed, simulation.steps, null, trace.lines());
        } catch (Violation e) {
            return new Result(seed, simulation.steps, e.getMessage(), trace.lines());
        } catch (RuntimeException e) {
            return new Result(seed, simulation.steps, "exception: " + withPlace(e), trace.lines());
        }
    }

    private static String withPlace(RuntimeException e) {
        return e + " at " + List.of(e.getStackTrace()).stream().limit(6).map(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    private void run(int most) {
        var turmoil = new StepScheduler(world);
        while (steps < most) {
            trace.step(steps);
            if (turmoil.step()) steps++;
        }
        rest(turmoil);
        check();
    }

    private void rest(StepScheduler turmoil) {
        turmoil.end();
        var until = steps + MAX_TO_REST;
        for (var quiet = 0; quiet < QUIET;) { // a round draws its work by chance, so one idle round proves nothing
            trace.step(++steps);
            quiet = turmoil.settle() ? 0 : quiet + 1;
            Violation.unless(steps < until, () -> "the system does not become quiet after the faults");
        }
    }

    private void check() {
        var present = new HashMap<RoomId, Set<String>>();
        for (var client : world.clients) {
            for (var view : client.views()) present.putIfAbsent(view.room, new TreeSet<>());
        }
        for (var client : world.clients) {
            for (var view : client.views()) {
                if (view.wanted) Objects.requireNonNull(present.get(view.room)).add(client.user());
            }
        }
        for (var reference : world.kafka.references) reference.checkComplete();
        checkStreams();
        checkPresence(present);
        world.facts.confirming().checkNothingWaits();
        world.database.checkComplete();
        for (var client : world.clients) client.checkSettled(present);
    }

    /**
     * Checks that each edge has taken all deliveries for its incarnation, and that no shard has given up that
     * incarnation.
     */
    private void checkStreams() {
        for (var edge : world.edges) {
            if (!edge.isServing()) continue;
            for (var partition = 0; partition < world.plan.partitions(); partition++) {
                var shard = world.kafka.references.get(partition).shard();
                var taken = edge.taken(partition);
                Violation.unless(!shard.hasGivenUp(edge.ref()),
                        () -> edge.ref() + " was given up, but does not know it");
                for (var chain : shard.lastDeliveries()) {
                    if (chain.edge().equals(edge.ref()))
                        Violation.unless(chain.last().equals(taken),
                                () -> edge.ref() + " has taken deliveries up to " + taken + " of " + chain.last());
                }
            }
        }
    }

    private void checkPresence(Map<RoomId, Set<String>> present) {
        present.forEach((room, users) -> {
            var said = world.facts.users(room).stream().map(user -> user.name()).collect(Collectors.toSet());
            Violation.unless(said.equals(users), () -> "the events say: " + room.key() + " has " + new ArrayList<>(said)
                    + ", but the users are " + users);
        });
    }
}
