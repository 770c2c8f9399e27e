package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.router.core.Output;
import io.rejoin.router.core.Redelivery;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateEntry;
import io.rejoin.router.kafka.OwnCommands;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlet;
import io.rejoin.router.link.ShardPushes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A shard that a router has taken over, as the router's own shell runs it: state, outputs, checkpoints. */
final class RunningShard {
    /** What a checkpoint holds; {@code outputs} have to be acknowledged first. */
    private record Frozen(int next, List<StateEntry> changes, Outbound.Generation outputs) {}

    private static final Duration FORGET_AFTER = Duration.ofDays(1);
    private static final Redelivery SCHEDULE = new Redelivery(Duration.ofSeconds(1));
    /** How far back a new owner says again what was due. */
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
    /** Takes records by their offsets, whoever brings them. */
    private final Inlet<Integer> inlet;
    private boolean isOneByOne;
    private boolean isFetching;
    /** What is fetched next; behind the next record where some were told. */
    private int fetchedTo;
    private int next;
    private int checkpointed;
    private long reminded;
    private @Nullable Frozen committing;
    private boolean commitFailed;

    /** @param producerEpoch of the checkpoints' producer, which has fenced those before it */
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
        this.pushes = new ShardPushes(partition, shard.chains(), world.plan::backlog);
        this.outbound = new Outbound(partition, kafka, pushes, bug);
        streams.add(pushes);
        this.next = restored.next();
        this.checkpointed = next;
        this.inlet = new Inlet<>(next, Integer::longValue, _ -> 1, new Inlet.Outlet<>() {
            @Override
            public boolean hasRoom() {
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
     * Takes the records of a poll; false when there are none.
     *
     * @param isOneByOne whether command by command, as a shard does that looks for one which makes it fail, or traces some
     */
    boolean poll(int most, boolean isOneByOne) {
        var wasFetching = isFetching;
        isFetching = inlet.hasToFetch(isFetching);
        if (!isFetching || next == commands.end()) return false;
        if (!wasFetching) fetchedTo = next; // else it goes on where it was: the consumer may have fetched that already
        this.isOneByOne = isOneByOne;
        var to = Math.min(fetchedTo + most, commands.end());
        inlet.fetched(fetchedTo, IntStream.range(fetchedTo, to).boxed().toList());
        fetchedTo = to;
        return true;
    }

    /** An edge tells that it has appended that record. */
    void told(int offset) {
        if (bug == Bug.TAKES_WHAT_IS_TOLD_OUT_OF_ORDER && offset >= next) {
            next = offset;
            take(List.of(offset));
        } else {
            inlet.told(offset);
        }
    }

    private void take(List<Integer> offsets) {
        var outputs = new ArrayList<Output>();
        for (var offset : offsets) {
            var record = commands.get(offset);
            if (isOneByOne) takeOneByOne(record);
            else
                outputs.addAll(shard.take(offset, record.ts(), record.batch()));
            next++;
        }
        outbound.emit(outputs);
    }

    private void takeOneByOne(CommandRecord record) {
        var version = record.batch().version();
        var followed = shard.take(next, record.ts(), new CommandBatch(version, List.of())).size();
        for (var command : record.batch().commands()) {
            var one = new CommandBatch(version, List.of(command));
            var outputs = shard.take(next, record.ts(), one, followed);
            outbound.emit(outputs);
            followed += outputs.size();
        }
    }

    /**
     * Says again what is not confirmed, and in the command log what has expired; false when nothing is due.
     *
     * @param now the log's time
     */
    boolean remind(long now) {
        var from = reminded == 0 ? now - TAKEOVER.toMillis() : reminded;
        if (now <= from) return false;
        reminded = now;
        var due = shard.due(SCHEDULE, from, now);
        outbound.emit(due.redeliveries());
        var expired = false;
        for (var expiry : due.expiries()) expired |= say(1, List.of(expiry));
        return !due.redeliveries().isEmpty() || expired;
    }

    /** Says in the command log which rooms nobody used for long; false when there are none. */
    boolean forget(long now) {
        own.read(next);
        if (own.isUnread(Command.Forget.class)) return false;
        var rooms = shard.forgettable(FORGET_AFTER, now);
        return !rooms.isEmpty() && say(shard.rules(), rooms);
    }

    /** Says in the command log that these edges are lost; false when it has said so of all of them. */
    boolean sayLost(Collection<EdgeRef> edges) {
        var said = false;
        for (var edge : edges) said |= say(1, List.of(new Command.EdgeLost(edge.edge(), edge.incarnation())));
        return said;
    }

    private boolean say(int version, List<? extends Command> said) {
        own.read(next);
        if (said.stream().allMatch(own::isUnread)) return false;
        own.append(said);
        own.appended(said, kafka.appendCommands(partition, version, said));
        return true;
    }

    /** An edge says under which incarnation it goes on. */
    void tellIfGivenUp(EdgeRef edge) {
        if (hasFailed() || !shard.hasGivenUp(edge)) return;
        var source = new Source(partition, Math.max(0, next - 1), Integer.MAX_VALUE);
        pushes.pushBeside(new DeliveryBatch(edge.edge(), edge.incarnation(),
                List.of(new DeliveryBatch.Entry(source, new Delivery.GivenUp(edge.incarnation())))));
    }

    boolean flush(RandomGenerator random) {
        return outbound.flush(random);
    }

    boolean failToProduce(RandomGenerator random) {
        return outbound.fail(random);
    }

    /** Freezes what has changed; false when nothing has, or another checkpoint is on its way. */
    boolean beginCheckpoint() {
        if (next == checkpointed || committing != null) return false;
        checkpointed = next;
        committing = new Frozen(next, shard.takeChanges(), outbound.turn());
        pushes.forgetAllBut(shard.chains().stream().map(chain -> chain.edge().edge()).collect(Collectors.toSet()));
        return true;
    }

    /** Commits what was frozen; false when its outputs are not acknowledged yet. */
    boolean commitCheckpoint() {
        if (committing == null) return false;
        if (committing.outputs().open > 0 && bug != Bug.CHECKPOINT_AHEAD_OF_ACKNOWLEDGEMENTS) return false;
        if (!state.commit(producerEpoch, committing.next(), committing.changes())) commitFailed = true;
        committing = null;
        return true;
    }

    /** The commit is not answered in time; it may have been done all the same. */
    boolean failToCommit(RandomGenerator random) {
        if (committing == null || committing.outputs().open > 0) return false;
        if (random.nextBoolean()) commitCheckpoint();
        commitFailed = true;
        return true;
    }

    /** Hands the shard over in good order: all is acknowledged and checkpointed. */
    void release(RandomGenerator random) {
        while (!hasFailed() && outbound.flush(random)) {
            // until nothing is open
        }
        if (!hasFailed() && committing != null) commitCheckpoint();
        if (!hasFailed() && beginCheckpoint()) commitCheckpoint();
        abandon(random);
    }

    /** Gives the shard up at once. */
    void abandon(RandomGenerator random) {
        streams.remove(pushes);
        outbound.close(random);
    }
}
