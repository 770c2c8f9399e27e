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

/** Something that goes wrong. A value: what it does to a {@link Site} is undone by the {@link Heal} it gives back. */
sealed interface Fault {
    /** Undoes a fault. May be called once, and must be. */
    @FunctionalInterface
    interface Heal {
        /** For what heals by itself. */
        Heal NOTHING = () -> {};

        void heal() throws Exception;
    }

    Kind kind();

    /** What it befalls, for people. */
    String target();

    /** Names of what no other fault may befall meanwhile. */
    Set<String> needs();

    /** The service that has to start anew when it is over; nothing if none has. */
    default Optional<Part> restarted() {
        return Optional.empty();
    }

    /** Makes it happen. If it throws, nothing has happened or all was undone. */
    Heal begin(Site site) throws Exception;

    /** SIGKILL, and a new start. With {@link Kind#AWAY}, after long. */
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

    /** SIGSTOP, and SIGCONT. */
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

    /** A link swallows what is sent in some directions. */
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

    /** A link is slow both ways. */
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

    /** All connections of some links are torn at once: of one, or of all clients. */
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

    /** Each service ends on SIGTERM and starts again, one after the other. */
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

    /** A third router comes and goes, so that shards move all the time. */
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

    /** A service starts again with another idea of what time it is. */
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

    /** Records that nobody can read, in one topic. */
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
            return Set.of(Part.KAFKA.label()); // else it reaches nobody
        }

        @Override
        public Heal begin(Site site) {
            Poison.into(site.bootstrapServers(), topic, new Random(seed));
            return Heal.NOTHING;
        }
    }

    /** PostgreSQL's disk has no space left. */
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
