package io.rejoin.e2e.load;

import io.rejoin.e2e.check.Recorder;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Rooms with members that talk, whatever happens to the services: each message is offered when its time has come, not when
 * the last one was answered. Ask for {@link #settle}, then make the final reads, then close: a member that is closed has
 * seen, as far as the checker goes, all that it ever will.
 */
public final class Workload implements AutoCloseable {
    private final Plan plan;
    private final Map<String, List<Member>> rooms = new LinkedHashMap<>();
    private final Heads heads = new Heads();
    private final List<Member> members;
    private final AtomicLong skipped = new AtomicLong();
    private final Thread pacer;

    /** @param edges where clients may connect, {@code ws://host:port} each; they believe everybody */
    public Workload(Plan plan, List<URI> edges, Recorder recorder) {
        this(plan, edges, Credentials.NAMES, recorder);
    }

    /** With something that says who everybody is. */
    public Workload(Plan plan, List<URI> edges, Credentials credentials, Recorder recorder) {
        this.plan = plan;
        for (var r = 0; r < plan.rooms(); r++) {
            var room = plan.room(r);
            var index = r;
            rooms.put(room,
                    IntStream.range(0, plan.members())
                            .mapToObj(m -> new Member(plan.user(index, m), room, plan, edges, credentials, recorder,
                                    heads))
                            .toList());
        }
        this.members = rooms.values().stream().flatMap(List::stream).toList();
        this.pacer = Thread.ofVirtual().name("pacer").unstarted(this::pace);
    }

    public Set<String> rooms() {
        return rooms.keySet();
    }

    /** The users of a room. */
    public Set<String> users(String room) {
        return rooms.getOrDefault(room, List.of()).stream().map(Member::user).collect(Collectors.toSet());
    }

    /** Connects everybody. */
    public void connect() {
        members.forEach(Member::start);
    }

    /** Returns once everybody follows live. */
    public void awaitLive(Duration atMost) {
        await("follow live", atMost, Member::isLive);
    }

    /** Begins to post. */
    public void startPosting() {
        pacer.start();
    }

    /** No new posts from here on; what is on its way goes on. */
    public void stopPosting() throws InterruptedException {
        pacer.interrupt();
        pacer.join();
    }

    /**
     * Stops posting, and returns once every post was answered and every member has seen the last message of its room. From here
     * on nobody drops a connection: a final read in the moment of a leave would tell of a ghost.
     *
     * @throws AssertionError when that does not come to be in time; it says who is behind. Going on to the final reads all
     *                        the same is right: the checker then finds out whose fault it is
     */
    public void settle(Duration atMost) throws InterruptedException {
        members.forEach(Member::stay);
        stopPosting();
        await("have everything", atMost, Member::isSettled);
    }

    /** Acks so far, of all members together. */
    public long acknowledged() {
        return members.stream().mapToLong(Member::acknowledged).sum();
    }

    /** The last seq of the room that any member has heard of, in the room's last epoch. */
    public long head(String room) {
        return heads.of(room).seq();
    }

    /** Messages that were due and not offered, because a member's outbox was full. */
    public long skipped() {
        return skipped.get();
    }

    /** Ends everybody's run. */
    @Override
    public void close() {
        try {
            stopPosting();
            for (var member : members) member.end();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(String what, Duration atMost, Predicate<Member> condition) {
        try {
            Awaitility.await().atMost(atMost).pollInterval(Duration.ofMillis(50))
                    .until(() -> members.stream().allMatch(condition));
        } catch (ConditionTimeoutException e) {
            var behind = members.stream().filter(condition.negate()).map(Member::describe).toList();
            throw new AssertionError(behind.size() + " of " + members.size() + " members do not " + what + " after "
                    + atMost + ", the first: " + behind.subList(0, Math.min(10, behind.size())), e);
        }
    }

    private void pace() {
        var random = new Random(plan.seed());
        var interval = 1e9 / plan.rate();
        var begin = System.nanoTime();
        try {
            for (var n = 0L; !Thread.currentThread().isInterrupted(); n++) {
                var ahead = (long) (n * interval) - (System.nanoTime() - begin);
                if (ahead > 0) Thread.sleep(Duration.ofNanos(ahead));
                if (!members.get(random.nextInt(members.size())).post()) skipped.incrementAndGet();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
