package io.rejoin.e2e.chaos;

import io.rejoin.e2e.chaos.Schedule.Step;
import io.rejoin.e2e.chaos.Wire.Delay;
import io.rejoin.e2e.chaos.Wire.Direction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Draws faults at random: the part, the direction and the duration. */
final class Faults {
    /**
     * The length of faults that end at once. Their names stay reserved so long, so that something is sent meanwhile.
     */
    private static final Duration MOMENT = Duration.ofMillis(500);
    private static final Duration SHORT_RUN = Duration.ofMinutes(4);
    private static final Duration LONG_RUN = Duration.ofMinutes(10);

    private final Random random;
    private int bags;

    /** A fault without a start time. */
    record Draft(Fault fault, Duration lasts) {
        Step at(long millis) {
            return new Step(Duration.ofMillis(millis), lasts, fault);
        }
    }

    Faults(Random random) {
        this.random = random;
    }

    /**
     * A shuffled list of faults: every sort of part and link at least once. Faults that last long alternate between
     * bags. Those of {@link #longOnes} are not included.
     */
    List<Draft> bag(Set<Kind> kinds) {
        var all = new ArrayList<Draft>();
        for (var part : eachSort()) {
            all.add(new Draft(new Fault.Kill(Kind.KILL, part), seconds(0.3, 6)));
            all.add(freeze(part));
        }
        for (var link : eachSortOfLink()) {
            all.add(new Draft(new Fault.Cut(link, directions()), seconds(2, 10)));
            all.add(new Draft(new Fault.Reset(Kind.RESET, Set.of(link)), MOMENT));
        }
        for (var link : eachSortOfLink().subList(0, 3)) all.add(new Draft(slow(link), seconds(4, 12)));
        for (var topic : Poison.TOPICS)
            all.add(new Draft(new Fault.PoisonedTopic(topic, random.nextLong()), Duration.ZERO));
        all.add(new Draft(new Fault.Reset(Kind.DROP_CLIENTS, Set.copyOf(Link.OF_CLIENTS)), MOMENT));
        if (bags++ % 2 == 0) {
            all.add(new Draft(new Fault.RollingRestart(), seconds(25, 26))); // the time is only reserved
            all.add(clock(Duration.ofMinutes(10)));
        } else {
            all.add(new Draft(new Fault.Rebalances(Duration.ofSeconds(10)), seconds(35, 45)));
            all.add(clock(Duration.ofMinutes(-10)));
        }
        all.removeIf(draft -> !kinds.contains(draft.fault().kind()));
        Collections.shuffle(all, random);
        return all;
    }

    /** The outages of Kafka and PostgreSQL, and the full disks, for a run of that length. */
    List<Draft> longOnes(Set<Kind> kinds, Duration run) {
        var outage = run.compareTo(SHORT_RUN) < 0 ? run.dividedBy(8) : Duration.ofSeconds(45);
        var most = run.compareTo(LONG_RUN) <= 0 ? outage.multipliedBy(2) : Duration.ofMinutes(2);
        var full = run.compareTo(LONG_RUN) < 0 ? 1 : 2;
        var all = Stream.concat(Stream.of(Part.KAFKA, Part.POSTGRES).map(part -> new Draft(
                new Fault.Kill(Kind.AWAY, part), seconds(outage.toMillis() / 1e3, most.toMillis() / 1e3))),
                Stream.generate(() -> new Draft(new Fault.DiskFull(), seconds(15, 30))).limit(full)).toList();
        return all.stream().filter(draft -> kinds.contains(draft.fault().kind())).toList();
    }

    /** Longer than the timeout after which others consider the part dead; for the broker only a moment. */
    private Draft freeze(Part part) {
        return new Draft(new Fault.Freeze(part), switch (part) {
            case EDGE_0, EDGE_1 -> seconds(6, 11);
            case ROUTER_0, ROUTER_1, HISTORY -> seconds(2.5, 7);
            case POSTGRES -> seconds(2, 10);
            case KAFKA -> seconds(0.5, 3);
        });
    }

    private Fault slow(Link link) {
        var least = 50 + random.nextInt(100);
        return new Fault.Slow(link,
                new Delay(Duration.ofMillis(least), Duration.ofMillis(least + random.nextInt(150))));
    }

    /** Moves the clock of a service: restarts it with the other clock, and again with the right one. */
    private Draft clock(Duration by) {
        return new Draft(new Fault.ClockMoved(oneOf(Part.SERVICES), by), seconds(10, 20));
    }

    private Set<Direction> directions() {
        return random.nextInt(3) == 0 ? Set.of(oneOf(List.of(Direction.values()))) : EnumSet.allOf(Direction.class);
    }

    private List<Part> eachSort() {
        return List.of(oneOf(List.of(Part.EDGE_0, Part.EDGE_1)), oneOf(List.of(Part.ROUTER_0, Part.ROUTER_1)),
                Part.HISTORY, Part.KAFKA, Part.POSTGRES);
    }

    private List<Link> eachSortOfLink() {
        var links = new ArrayList<>(List.of(oneOf(List.of(Link.EDGE_0_KAFKA, Link.EDGE_1_KAFKA)),
                oneOf(List.of(Link.ROUTER_0_KAFKA, Link.ROUTER_1_KAFKA)),
                oneOf(List.of(Link.EDGES_ROUTER_0, Link.EDGES_ROUTER_1)), Link.HISTORY_KAFKA, Link.HISTORY_POSTGRES,
                oneOf(List.of(Link.EDGE_0_HISTORY, Link.EDGE_1_HISTORY)), oneOf(Link.OF_CLIENTS)));
        Collections.shuffle(links, random);
        return links;
    }

    private <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private Duration seconds(double least, double most) {
        return Duration.ofMillis((long) (1e3 * (least + random.nextDouble() * (most - least))));
    }
}
