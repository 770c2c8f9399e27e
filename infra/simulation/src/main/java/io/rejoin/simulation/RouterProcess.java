package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.link.Frame;
import io.rejoin.router.link.EdgeStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A router. It keeps its assignment until it learns the next one. Until then it may run a shard as a zombie, so several
 * routers may run the same shard.
 */
final class RouterProcess {
    /** A partition that this router believes to own, and the state of its takeover. */
    private static final class Slot {
        final int partition;
        int producerEpoch;
        @Nullable
        RunningShard shard;

        Slot(int partition) {
            this.partition = partition;
        }
    }

    private final String name;
    private final World world;
    private final Kafka kafka;
    private final RandomGenerator random;
    private final Bug bug;
    private final Trace trace;
    private final List<Slot> slots = new ArrayList<>();
    /** The streams to edges. A broken stream stays here until {@link #lookAtStreams} removes it. */
    private final List<Stream> open = new ArrayList<>();
    private EdgeStreams streams = new EdgeStreams(this::announced);
    private boolean stopped;

    RouterProcess(String name, World world) {
        this.name = name;
        this.world = world;
        this.kafka = world.kafka;
        this.random = world.random;
        this.bug = world.plan.bug();
        this.trace = world.trace;
    }

    String name() {
        return name;
    }

    boolean isStopped() {
        return stopped;
    }

    void stop(boolean now) {
        stopped = now;
    }

    /**
     * Runs one random step for one of its partitions; false when that step had nothing to do.
     *
     * @param isSilent whether the heartbeats of an edge's incarnation are missing
     */
    boolean work(Predicate<EdgeRef> isSilent) {
        if (stopped) return false;
        lookAtStreams();
        if (slots.isEmpty()) return false;
        var slot = slots.get(random.nextInt(slots.size()));
        if (slot.shard == null) return takeOver(slot);
        var shard = slot.shard;
        if (shard.hasFailed()) {
            giveUp(slot, shard);
            return true;
        }
        return switch (random.nextInt(16)) {
            case 0 -> shard.beginCheckpoint();
            case 1, 2 -> shard.commitCheckpoint();
            case 3 -> sayLost(shard, isSilent);
            case 4 -> shard.redeliverDue(kafka.now()) || shard.forget(kafka.now());
            case 5 -> listen(shard);
            case 6, 7 -> hear();
            case 8, 9, 10 -> shard.poll(1 + random.nextInt(8), random.nextInt(8) == 0);
            default -> shard.flush(random);
        };
    }

    /** Opens a stream for an edge; null when this router does not answer. */
    @Nullable
    Stream open(EdgeProcess edge) {
        if (stopped) return null;
        lookAtStreams();
        var stream = new Stream(this, edge, edge.positions());
        open.add(stream);
        streams.onOpened(stream);
        return stream;
    }

    /**
     * Handles an edge's report of its position, and notifies the edge if it was given up. Edges report all the time, so
     * this is no progress and returns false.
     */
    private boolean listen(RunningShard shard) {
        if (open.isEmpty()) return false;
        var stream = open.get(random.nextInt(open.size()));
        var edge = stream.edge();
        streams.onPositions(stream, new Frame.Positions(edge.ref().incarnation(), edge.positions()));
        shard.tellIfGivenUp(edge.ref());
        return false;
    }

    /** Handles an edge's announcement of an appended record; false when there is none. */
    private boolean hear() {
        var stream = open.isEmpty() ? null : open.get(random.nextInt(open.size()));
        var announced = stream == null ? null : stream.nextTold();
        if (stream == null || announced == null) return false;
        streams.onAppended(stream, announced);
        return true;
    }

    private void announced(Frame.Hello edge, Frame.Appended record) {
        for (var slot : slots) {
            if (slot.partition == record.partition() && slot.shard != null && !slot.shard.hasFailed())
                slot.shard.announced((int) record.offset());
        }
    }

    private void lookAtStreams() {
        open.stream().filter(Stream::isBroken).forEach(streams::onEnded);
        open.removeIf(Stream::isBroken);
    }

    /** Lets a request to Kafka fail; false when there is none. */
    boolean fail() {
        if (stopped || slots.isEmpty()) return false;
        var slot = slots.get(random.nextInt(slots.size()));
        if (slot.shard == null) return false;
        var done = random.nextInt(3) == 0 ? slot.shard.failToCommit(random) : slot.shard.failToProduce(random);
        if (done) trace.add(() -> name + " fails a request of shard " + slot.partition);
        return done;
    }

    /**
     * Learns its assignment; false when nothing has changed. A revoked shard is released in good order, or given up at
     * once if it is too late for that. The seed decides which.
     */
    boolean learn(List<Integer> assigned) {
        if (stopped) return false;
        var gone = slots.stream().filter(slot -> !assigned.contains(slot.partition)).toList();
        var news = assigned.stream().filter(p -> slots.stream().noneMatch(slot -> slot.partition == p)).toList();
        if (gone.isEmpty() && news.isEmpty()) return false;
        trace.add(() -> name + " is assigned the partitions " + assigned);
        for (var slot : gone) {
            if (slot.shard != null && random.nextBoolean()) slot.shard.release(random);
            else if (slot.shard != null) slot.shard.abandon(random);
        }
        slots.removeAll(gone);
        for (var partition : news) slots.add(new Slot(partition));
        return true;
    }

    /** Ends the process and starts a new one without partitions and streams. */
    void crash() {
        for (var slot : slots) {
            if (slot.shard != null) slot.shard.abandon(random);
        }
        slots.clear();
        open.forEach(Stream::close);
        open.clear();
        streams = new EdgeStreams(this::announced);
        stopped = false;
    }

    private boolean takeOver(Slot slot) {
        if (slot.producerEpoch == 0) {
            slot.producerEpoch = kafka.states.get(slot.partition).fence();
            return true;
        }
        slot.shard = new RunningShard(slot.partition, world, streams, slot.producerEpoch);
        trace.add(() -> name + " takes shard " + slot.partition + " over at "
                + (slot.shard == null ? "" : slot.shard.next()));
        return true;
    }

    private void giveUp(Slot slot, RunningShard shard) {
        trace.add(() -> name + " gives shard " + slot.partition + " up");
        shard.abandon(random);
        slot.shard = null;
        slot.producerEpoch = 0;
    }

    private boolean sayLost(RunningShard shard, Predicate<EdgeRef> isSilent) {
        if (bug == Bug.LOST_EDGE_KEEPS_MEMBERS) return false;
        return shard.sayLost(shard.edges().stream().filter(isSilent).toList());
    }
}
