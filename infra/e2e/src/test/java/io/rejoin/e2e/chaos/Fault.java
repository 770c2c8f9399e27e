package io.rejoin.e2e.chaos;

import io.rejoin.e2e.chaos.Wire.Delay;
import io.rejoin.e2e.chaos.Wire.Direction;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A fault in the system. It is a value without state: {@link #begin} returns a {@link Heal}, which undoes the fault.
 */
sealed interface Fault {
    /** Undoes a fault. Must be called exactly once. */
    @FunctionalInterface
    interface Heal {
        /** For faults that need no healing. */
        Heal NOTHING = () -> {};

        void heal() throws Exception;
    }

    Kind kind();

    /** What the fault affects, as text for people. */
    String target();

    /** Names of what no other fault may affect at the same time. */
    Set<String> needs();

    /** The service that restarts when the fault is over; empty if none does. */
    default Optional<Part> restarted() {
        return Optional.empty();
    }

    /** Starts the fault. If this throws, nothing has happened or all is undone. */
    Heal begin(Site site) throws Exception;

    /** Sends SIGKILL, and restarts the process at the end; with {@link Kind#AWAY} after a long time. */
    record Kill(Kind kind, Part part) implements Fault {
        @Override
        public String target() {
            return part.label();
        }

        @Override
        public Set<String> needs() {
            return part.needs();
        }

        @Override
        public Optional<Part> restarted() {
            return Optional.of(part);
        }

        @Override
        public Heal begin(Site site) {
            site.kill(part);
            return () -> site.start(part, Map.of());
        }
    }

    /** Freezes the process with SIGSTOP; SIGCONT ends that. */
    record Freeze(Part part) implements Fault {
        @Override
        public Kind kind() {
            return Kind.FREEZE;
        }

        @Override
        public String target() {
            return part.label();
        }

        @Override
        public Set<String> needs() {
            return part.needs();
        }

        @Override
        public Heal begin(Site site) {
            return site.freeze(part);
        }
    }

    /** A link holds back all bytes in one or both directions. */
    record Cut(Link link, Set<Direction> directions) implements Fault {
        public Cut {
            directions = Set.copyOf(directions);
        }

        @Override
        public Kind kind() {
            return Kind.CUT;
        }

        @Override
        public String target() {
            return link.label() + (directions.size() == 2
                    ? ""
                    : directions.contains(Direction.TO_SERVER)
                            ? " (requests)"
                            : " (answers)");
        }

        @Override
        public Set<String> needs() {
            return Set.of(link.label());
        }

        @Override
        public Heal begin(Site site) {
            site.proxy(link).wire().cut(EnumSet.copyOf(directions));
            return () -> site.proxy(link).wire().mend();
        }
    }

    /** A link delays bytes in both directions. */
    record Slow(Link link, Delay delay) implements Fault {
        @Override
        public Kind kind() {
            return Kind.SLOW;
        }

        @Override
        public String target() {
            return link.label() + " by " + delay.least().toMillis() + "-" + delay.most().toMillis() + " ms";
        }

        @Override
        public Set<String> needs() {
            return Set.of(link.label());
        }

        @Override
        public Heal begin(Site site) {
            site.proxy(link).wire().delay(delay);
            return () -> site.proxy(link).wire().mend();
        }
    }

    /** Resets all connections of some links at once: those of one link, or those of all clients. */
    record Reset(Kind kind, Set<Link> links) implements Fault {
        public Reset {
            links = Set.copyOf(links);
        }

        @Override
        public String target() {
            return links.stream().map(Link::label).sorted().collect(Collectors.joining(" "));
        }

        @Override
        public Set<String> needs() {
            return Set.of();
        }

        @Override
        public Heal begin(Site site) {
            links.forEach(link -> site.proxy(link).reset());
            return Heal.NOTHING;
        }
    }

    /** Stops each service with SIGTERM and restarts it, one after the other. */
    record RollingRestart() implements Fault {
        @Override
        public Kind kind() {
            return Kind.ROLLING_RESTART;
        }

        @Override
        public String target() {
            return "all services";
        }

        @Override
        public Set<String> needs() {
            return Part.SERVICES.stream().map(Part::needs).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());
        }

        @Override
        public Heal begin(Site site) throws InterruptedException {
            for (var part : Part.SERVICES) {
                site.stop(part);
                site.start(part, Map.of());
                site.probe().awaitHealthy(part, Duration.ofSeconds(20));
            }
            return Heal.NOTHING;
        }
    }

    /** A third router repeatedly joins and leaves, so that shards move all the time. */
    record Rebalances(Duration period) implements Fault {
        @Override
        public Kind kind() {
            return Kind.REBALANCES;
        }

        @Override
        public String target() {
            return "a guest router every " + period.toSeconds() + " s";
        }

        @Override
        public Set<String> needs() {
            return Set.of("guest");
        }

        @Override
        public Heal begin(Site site) {
            var guest = new Guest(site, period);
            return guest::leave;
        }
    }

    /** Restarts a service with another time of day. */
    record ClockMoved(Part part, Duration by) implements Fault {
        @Override
        public Kind kind() {
            return Kind.CLOCK;
        }

        @Override
        public String target() {
            return part.label() + " by " + by.toMinutes() + " min";
        }

        @Override
        public Set<String> needs() {
            return part.needs();
        }

        @Override
        public Optional<Part> restarted() {
            return Optional.of(part);
        }

        @Override
        public Heal begin(Site site) {
            site.stop(part);
            site.start(part, FakeTime.environment(by));
            return () -> {
                site.stop(part);
                site.start(part, Map.of());
            };
        }
    }

    /** Writes unreadable records into one topic. */
    record PoisonedTopic(String topic, long seed) implements Fault {
        @Override
        public Kind kind() {
            return Kind.POISON;
        }

        @Override
        public String target() {
            return topic;
        }

        @Override
        public Set<String> needs() {
            return Set.of(Part.KAFKA.label()); // without Kafka the records cannot be written
        }

        @Override
        public Heal begin(Site site) {
            Poison.into(site.bootstrapServers(), topic, new Random(seed));
            return Heal.NOTHING;
        }
    }

    /** PostgreSQL's disk is full. */
    record DiskFull() implements Fault {
        @Override
        public Kind kind() {
            return Kind.DISK_FULL;
        }

        @Override
        public String target() {
            return Part.POSTGRES.label();
        }

        @Override
        public Set<String> needs() {
            return Set.of(Part.POSTGRES.label());
        }

        @Override
        public Heal begin(Site site) {
            var disk = site.smallDiskOfPostgres();
            disk.fill();
            return () -> {
                disk.free();
                site.startIfDead(Part.POSTGRES);
            };
        }
    }
}
