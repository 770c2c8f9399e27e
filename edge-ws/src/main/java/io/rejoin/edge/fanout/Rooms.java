package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.log.Delivery;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that have a local member. Only deliveries add one; whoever ends a membership may take an empty one away.
 */
public final class Rooms {
    private final ConcurrentMap<RoomId, Room> rooms = new ConcurrentHashMap<>();
    private final MemoryBudget budget;

    /** @param tailBytes what all rooms together keep of their last messages */
    public Rooms(long tailBytes) {
        this.budget = new MemoryBudget(tailBytes);
    }

    /** A room and those of its members that are behind. */
    record Behind(Room room, List<Membership> members) {}

    /** Whether it has a local member. */
    public boolean isKnown(RoomId id) {
        return rooms.containsKey(id);
    }

    @Nullable
    Room find(RoomId id) {
        return rooms.get(id);
    }

    /** Adds a member to its room, made if there is none yet; no other thread takes it away meanwhile. */
    Behind joined(Membership member, Delivery.Joined joined) {
        var behind = new AtomicReference<Behind>();
        rooms.compute(joined.room(), (_, known) -> {
            var room = known == null ? new Room(budget) : known;
            behind.setPlain(new Behind(room, room.joined(member, joined)));
            return room.isEmpty() ? null : room;
        });
        return behind.getPlain();
    }

    /** Whether a join asks for what this membership waits for already; its answer then carries the id of this one. */
    public boolean asksAgain(Membership waiting, ClientFrame.Join join) {
        var again = new AtomicBoolean();
        rooms.compute(waiting.room(), (_, known) -> { // not while it is being answered
            again.setPlain(waiting.isAskedAgain(join));
            return known;
        });
        return again.getPlain();
    }

    /** Ends a membership, joined or not. */
    public void leave(Membership membership) {
        rooms.compute(membership.room(), (_, known) -> {
            var room = known == null ? new Room(budget) : known;
            return room.left(membership) ? null : room;
        });
    }

    /**
     * Ends a membership that is not joined yet, in one step with asking whether it is to be.
     *
     * @param holds asked under the room's monitor
     * @return false if it was joined meanwhile, or the condition does not hold
     */
    public boolean leaveIfJoining(Membership membership, BooleanSupplier holds) {
        var left = new AtomicBoolean();
        rooms.compute(membership.room(), (_, known) -> {
            var room = known == null ? new Room(budget) : known;
            left.setPlain(room.leftIfJoining(membership, holds));
            return room.isEmpty() ? null : room;
        });
        return left.getPlain();
    }

    /** Forgets all messages that are kept, in every room: who needs some reads them from history, where a user was erased. */
    public void forgetMessages() {
        rooms.values().forEach(Room::forgetMessages);
    }

    /** How many there are. */
    public int count() {
        return rooms.size();
    }

    long tailBytes() {
        return budget.taken();
    }
}
