package io.rejoin.edge.room;

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
public final class LocalRooms {
    private final ConcurrentMap<RoomId, LocalRoom> rooms = new ConcurrentHashMap<>();
    private final MemoryBudget budget;

    /** @param recentFramesBytes memory for the last messages of all rooms together, in bytes */
    public LocalRooms(long recentFramesBytes) {
        this.budget = new MemoryBudget(recentFramesBytes);
    }

    /** A room and its members that need a new {@code CatchUp}. */
    public record Behind(LocalRoom room, List<Membership> members) {}

    /** Whether the room has a local member. */
    public boolean hasMember(RoomId id) {
        return rooms.containsKey(id);
    }

    @Nullable
    public LocalRoom find(RoomId id) {
        return rooms.get(id);
    }

    /** Adds a member to its room, and creates the room if needed. No other thread can remove the room meanwhile. */
    public Behind addMember(Membership member, Delivery.Joined joined) {
        var behind = new AtomicReference<Behind>();
        rooms.compute(joined.room(), (_, known) -> {
            var room = known == null ? new LocalRoom(budget) : known;
            behind.setPlain(new Behind(room, room.addMember(member, joined)));
            return room.isEmpty() ? null : room;
        });
        return behind.getPlain();
    }

    /**
     * If a join asks for the same as this waiting membership, adds its id to the membership, so that one answer serves
     * both. Returns false if nothing was added.
     */
    public boolean addIfSameJoin(Membership waiting, ClientFrame.Join join) {
        var isAdded = new AtomicBoolean();
        rooms.compute(waiting.room(), (_, known) -> { // excludes a concurrent answer to the join
            isAdded.setPlain(waiting.addIfSameJoin(join));
            return known;
        });
        return isAdded.getPlain();
    }

    /** Ends a membership, joined or not. */
    public void leave(Membership membership) {
        rooms.compute(membership.room(), (_, known) -> {
            var room = known == null ? new LocalRoom(budget) : known;
            return room.remove(membership) ? null : room;
        });
    }

    /**
     * Ends a membership that is still joining, if a condition holds. Check and end are atomic.
     *
     * @param condition called under the room's monitor
     * @return false if the membership was joined meanwhile, or the condition does not hold
     */
    public boolean leaveIfJoining(Membership membership, BooleanSupplier condition) {
        var hasLeft = new AtomicBoolean();
        rooms.compute(membership.room(), (_, known) -> {
            var room = known == null ? new LocalRoom(budget) : known;
            hasLeft.setPlain(room.removeIfJoining(membership, condition));
            return room.isEmpty() ? null : room;
        });
        return hasLeft.getPlain();
    }

    /** Drops the kept messages of every room. History has erased a user, so members must read from history instead. */
    public void forgetMessages() {
        rooms.values().forEach(LocalRoom::forgetMessages);
    }

    /** The number of rooms. */
    public int count() {
        return rooms.size();
    }

    public long recentFramesBytes() {
        return budget.usedBytes();
    }
}
