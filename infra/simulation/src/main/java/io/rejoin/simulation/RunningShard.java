package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.router.core.Output;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateEntry;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlet;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.shard.OwnCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a shard that a router has taken over: state, outputs and checkpoints. It models the router's own code around a
 * shard.
 */
final class RunningShard {
    /** A checkpoint that is not committed yet. Kafka must acknowledge all of {@code outputs} before the commit. */
    private record Frozen(int next, List<StateEntry> changes, Outbound.Generation outputs) {}

    private static final Duration FORGET_AFTER = Duration.ofDays(1);
    private static final RedeliverySchedule SCHEDULE = new RedeliverySchedule(Duration.ofSeconds(1));
    /** A new owner first redelivers what was due within this time before its takeover. */
    private static final Duration TAKEOVER = Duration.ofSeconds(10);

    private final int partition;
    private final Kafka kafka;
    private final Log<CommandRecord> commands;
    private final StateLog state;
    private final int producerEpoch;
    private final Shard shard;
    private final EdgeStreams streams;
    private final ShardPushes pushes;
    private final Outbound outbound;
    private final Bug bug;
    private final OwnCommands own = new OwnCommands();
    /** Takes records by offset, both fetched records and those that edges announce. */
    private final Inlet<Integer> inlet;
    private boolean isOneByOne;
    private boolean isFetching;
    /** The offset to fetch next. It is lower than {@link #next} after edges have announced records. */
    private int fetchedTo;
    private int next;
    private int checkpointed;
    private long redeliveredUpTo;
    private @Nullable Frozen committing;
    private boolean commitFailed;

    /** @param producerEpoch of the producer of checkpoints, which has fenced all earlier producers */
    RunningShard(int partition, World world, EdgeStreams streams, int producerEpoch) {
        this.partition = partition;
        this.kafka = world.kafka;
        this.commands = kafka.commands.get(partition);
        this.state = kafka.states.get(partition);
        this.producerEpoch = producerEpoch;
        this.bug = world.plan.bug();
        var restored = state.read();
        this.shard = restored.shard();
        this.streams = streams;
        this.pushes = new ShardPushes(partition, shard.lastDeliveries(), world.plan::backlog);
        this.outbound = new Outbound(partition, kafka, pushes, bug);
        streams.add(pushes);
        this.next = restored.next();
        this.checkpointed = next;
        this.inlet = new Inlet<>(next, Integer::longValue, _ -> 1, new Inlet.Outlet<>() {
            @Override
            public boolean hasSpace() {
                return true;
            }

            @Override
            public void put(List<Integer> offsets) {
                take(offsets);
            }
        }, () -> kafka.now() * 1_000_000);
        this.fetchedTo = next;
    }

    int next() {
        return next;
    }

    boolean hasFailed() {
        return commitFailed || outbound.hasFailed();
    }

    Collection<EdgeRef> edges() {
        return List.copyOf(shard.edges());
    }

    /**
     * Fetches records and takes them; false when there are none, or when nothing has to be fetched.
     *
     * @param most       records to fetch
     * @param isOneByOne whether to take command by command, as a shard does to find a command that makes it fail, or to
     *                   trace commands
     */
    boolean poll(int most, boolean isOneByOne) {
        var wasFetching = isFetching;
        isFetching = inlet.decideFetch(isFetching);
        if (!isFetching || next == commands.end()) return false;
        if (!wasFetching) fetchedTo = next; // a running fetch goes on: the consumer may have it already
        this.isOneByOne = isOneByOne;
        var to = Math.min(fetchedTo + most, commands.end());
        inlet.onFetched(fetchedTo, IntStream.range(fetchedTo, to).boxed().toList());
        fetchedTo = to;
        return true;
    }

    /** Takes an edge's announcement that it has appended the record at that offset. */
    void announced(int offset) {
        if (bug == Bug.TAKES_WHAT_IS_TOLD_OUT_OF_ORDER && offset >= next) {
            next = offset;
            take(List.of(offset));
        } else {
            inlet.onAnnounced(offset);
        }
    }

    private void take(List<Integer> offsets) {
        var outputs = new ArrayList<Output>();
        for (var offset : offsets) {
            var record = commands.get(offset);
            if (isOneByOne) takeOneByOne(record);
            else
                outputs.addAll(shard.apply(offset, record.ts(), record.batch()));
            next++;
        }
        outbound.emit(outputs);
    }

    private void takeOneByOne(CommandRecord record) {
        var version = record.batch().version();
        var followed = shard.apply(next, record.ts(), new CommandBatch(version, List.of())).size();
        for (var command : record.batch().commands()) {
            var one = new CommandBatch(version, List.of(command));
            var outputs = shard.apply(next, record.ts(), one, followed);
            outbound.emit(outputs);
            followed += outputs.size();
        }
    }

    /**
     * Redelivers unconfirmed messages, and appends expired confirmations to the command log; false when nothing is due.
     *
     * @param now the log's time, in milliseconds
     */
    boolean redeliverDue(long now) {
        var from = redeliveredUpTo == 0 ? now - TAKEOVER.toMillis() : redeliveredUpTo;
        if (now <= from) return false;
        redeliveredUpTo = now;
        var due = shard.due(SCHEDULE, from, now);
        outbound.emit(due.redeliveries());
        var expired = false;
        for (var expiry : due.expiries()) expired |= say(1, List.of(expiry));
        return !due.redeliveries().isEmpty() || expired;
    }

    /** Appends to the command log which rooms have been unused for long; false when there are none. */
    boolean forget(long now) {
        own.removeRead(next);
        if (own.isUnread(Command.Forget.class)) return false;
        var rooms = shard.forgettable(FORGET_AFTER, now);
        return !rooms.isEmpty() && say(shard.rules(), rooms);
    }

    /**
     * Appends to the command log that these edges are lost; false when that is appended for all of them and not read
     * back.
     */
    boolean sayLost(Collection<EdgeRef> edges) {
        var said = false;
        for (var edge : edges) said |= say(1, List.of(new Command.EdgeLost(edge.edge(), edge.incarnation())));
        return said;
    }

    private boolean say(int version, List<? extends Command> said) {
        own.removeRead(next);
        if (said.stream().allMatch(own::isUnread)) return false;
        own.add(said);
        own.onAppended(said, kafka.appendCommands(partition, version, said));
        return true;
    }

    /**
     * Sends {@code GivenUp} to an edge if this shard has given up its incarnation. The edge reports its incarnation all
     * the time.
     */
    void tellIfGivenUp(EdgeRef edge) {
        if (hasFailed() || !shard.hasGivenUp(edge)) return;
        var source = new Source(partition, Math.max(0, next - 1), Integer.MAX_VALUE);
        pushes.pushUnordered(new DeliveryBatch(edge.edge(), edge.incarnation(),
                List.of(new DeliveryBatch.Entry(source, new Delivery.GivenUp(edge.incarnation())))));
    }

    boolean flush(RandomGenerator random) {
        return outbound.flush(random);
    }

    boolean failToProduce(RandomGenerator random) {
        return outbound.fail(random);
    }

    /**
     * Begins a checkpoint with all changes; false when there are none, or when another checkpoint is not committed yet.
     */
    boolean beginCheckpoint() {
        if (next == checkpointed || committing != null) return false;
        checkpointed = next;
        committing = new Frozen(next, shard.takeChanges(), outbound.turn());
        pushes.forgetAllBut(
                shard.lastDeliveries().stream().map(chain -> chain.edge().edge()).collect(Collectors.toSet()));
        return true;
    }

    /** Commits the checkpoint; false when there is none, or when its outputs are not acknowledged yet. */
    boolean commitCheckpoint() {
        if (committing == null) return false;
        if (committing.outputs().open > 0 && bug != Bug.CHECKPOINT_AHEAD_OF_ACKNOWLEDGEMENTS) return false;
        if (!state.commit(producerEpoch, committing.next(), committing.changes())) commitFailed = true;
        committing = null;
        return true;
    }

    /**
     * Lets a commit time out. Kafka may have carried it out or not; the shard cannot know. False without a commit to
     * make.
     */
    boolean failToCommit(RandomGenerator random) {
        if (committing == null || committing.outputs().open > 0) return false;
        if (random.nextBoolean()) commitCheckpoint();
        commitFailed = true;
        return true;
    }

    /** Releases the shard in good order: sends all outputs, and commits a last checkpoint. */
    void release(RandomGenerator random) {
        while (!hasFailed() && outbound.flush(random)) {
            // until all outputs are sent
        }
        if (!hasFailed() && committing != null) commitCheckpoint();
        if (!hasFailed() && beginCheckpoint()) commitCheckpoint();
        abandon(random);
    }

    /** Gives up the shard at once. Requests in flight may be lost. */
    void abandon(RandomGenerator random) {
        streams.remove(pushes);
        outbound.close(random);
    }
}
