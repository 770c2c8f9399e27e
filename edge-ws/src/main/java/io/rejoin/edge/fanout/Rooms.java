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

/** The rooms that have a local member. Only a delivery adds a room. The end of its last membership removes it. */
public final class Rooms {
    private final ConcurrentMap<RoomId, Room> rooms = new ConcurrentHashMap<>();
    private final MemoryBudget budget;

    /** @param tailBytes memory for the last messages of all rooms together, in bytes */
    public Rooms(long tailBytes) {
        this.budget = new MemoryBudget(tailBytes);
    }

    /** A room and its members that need a new {@link CatchUp}. */
    record Behind(Room room, List<Membership> members) {}

    /** Whether the room has a local member. */
    public boolean isKnown(RoomId id) {
        return rooms.containsKey(id);
    }

    @Nullable
    Room find(RoomId id) {
        return rooms.get(id);
    }

    /** Adds a member to its room, and creates the room if needed. No other thread can remove the room meanwhile. */
    Behind joined(Membership member, Delivery.Joined joined) {
        var behind = new AtomicReference<Behind>();
        rooms.compute(joined.room(), (_, known) -> {
            var room = known == null ? new Room(budget) : known;
            behind.setPlain(new Behind(room, room.joined(member, joined)));
            return room.isEmpty() ? null : room;
        });
        return behind.getPlain();
    }

    /** Whether a join asks for the same as this waiting membership. If so, the same answer serves both. */
    public boolean asksAgain(Membership waiting, ClientFrame.Join join) {
        var again = new AtomicBoolean();
        rooms.compute(waiting.room(), (_, known) -> { // excludes a concurrent answer to the join
            again.setPlain(waiting.addIfSameJoin(join));
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
     * Ends a membership that is still joining, if a condition holds. Check and end are atomic.
     *
     * @param holds the condition; called under the room's monitor
     * @return false if the membership was joined meanwhile, or the condition does not hold
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

    /** Drops the kept messages of every room. History has erased a user, so members must read from history instead. */
    public void forgetMessages() {
        rooms.values().forEach(Room::forgetMessages);
    }

    /** The number of rooms. */
    public int count() {
        return rooms.size();
    }

    long tailBytes() {
        return budget.taken();
    }
}
