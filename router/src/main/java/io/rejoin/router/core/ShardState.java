package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The state of one shard, and what changed in it since the last checkpoint. Confined to the shard's thread. */
final class ShardState {
    private final Rooms rooms = new Rooms();
    /** The rooms in which an incarnation of an edge has a member. */
    private final SortedMap<EdgeRef, Set<RoomId>> edges = new TreeMap<>();
    private final DuplicateWindow window;
    private final LostEdges lostEdges;
    private final LastDeliveries lastDeliveries = new LastDeliveries();
    private final Unconfirmed unconfirmed = new Unconfirmed();
    private final Rules rules = new Rules();
    private final Changes changes = new Changes();

    ShardState() {
        this(new DuplicateWindow(), new LostEdges());
    }

    private ShardState(DuplicateWindow window, LostEdges lostEdges) {
        this.window = window;
        this.lostEdges = lostEdges;
    }

    DuplicateWindow window() {
        return window;
    }

    LostEdges lostEdges() {
        return lostEdges;
    }

    LastDeliveries lastDeliveries() {
        return lastDeliveries;
    }

    Unconfirmed unconfirmed() {
        return unconfirmed;
    }

    Rules rules() {
        return rules;
    }

    @Nullable
    Room find(RoomId id) {
        return rooms.find(id);
    }

    /** The room, for reading only, outside of a command. An empty room stays packed. */
    @Nullable
    Room peek(RoomId id) {
        return rooms.peek(id);
    }

    /** The room; created with this log time if it does not exist. */
    Room findOrCreate(RoomId id, long ts) {
        var existing = rooms.find(id);
        if (existing != null) return existing;
        var room = new Room(id, rules.newEpoch(ts), 0, rules.initialPresenceVersion(), 0);
        rooms.add(room);
        changes.roomChanged(id, false);
        return room;
    }

    /** The incarnations of edges that have a member in any room. */
    Collection<EdgeRef> edges() {
        return Collections.unmodifiableSet(edges.keySet());
    }

    /** The rooms in which one of these incarnations has a member, sorted by id. */
    SortedSet<RoomId> roomsOf(Collection<EdgeRef> incarnations) {
        var found = new TreeSet<RoomId>();
        for (var edge : incarnations) found.addAll(edges.getOrDefault(edge, Set.of()));
        return found;
    }

    long nextSeq(Room room, long ts) {
        markUsed(room, ts);
        return room.nextSeq();
    }

    long nextVersion(Room room, long ts) {
        markUsed(room, ts);
        return room.nextVersion();
    }

    private void markUsed(Room room, long ts) {
        changes.roomChanged(room.id(), true);
        if (rules.removesEmptyRooms()) room.markUsed(ts);
    }

    void moveCursor(Room room, UserId user, long seq) {
        room.moveCursor(user, seq);
        changes.cursorChanged(room.id(), user);
    }

    /** Puts a connection into a room, or replaces its entry there. */
    void put(Room room, ConnectionId connection, Member member) {
        var previous = room.put(connection, member);
        if (previous != null) removeFromEdge(room, previous.edge());
        edges.computeIfAbsent(member.edge(), _ -> new HashSet<>()).add(room.id());
        changes.memberChanged(room.id(), connection, previous != null);
    }

    /** Removes a connection from a room. Returns its entry, or null if the connection was not a member. */
    @Nullable
    Member remove(Room room, ConnectionId connection) {
        var removed = room.remove(connection);
        if (removed == null) return null;
        removeFromEdge(room, removed.edge());
        changes.memberChanged(room.id(), connection, true);
        return removed;
    }

    private void removeFromEdge(Room room, EdgeRef edge) {
        if (room.hasMemberOn(edge)) return;
        edges.computeIfPresent(edge, (_, rooms) -> {
            rooms.remove(room.id());
            return rooms.isEmpty() ? null : rooms;
        });
    }

    /** Ends a command. From version 2 of the rules on, an empty room that never held a message is removed. */
    void endCommand() {
        rooms.endCommand(room -> {
            if (!rules.removesEmptyRooms() || room.seq() > 0) return false;
            recordRemoval(room);
            return true;
        });
    }

    /** Removes an empty room, its cursors and its remembered posts. */
    void forget(Room room, long ts) {
        room.usersWithCursor().forEach(user -> changes.cursorChanged(room.id(), user));
        window.forgetRoom(room.id(), ts);
        rooms.remove(room);
        recordRemoval(room);
    }

    private void recordRemoval(Room room) {
        rules.onRoomRemoved(room);
        changes.roomChanged(room.id(), true);
    }

    /** All rooms; for the scan of the empty ones. */
    Rooms rooms() {
        return rooms;
    }

    /** The entries that changed since the last call. */
    List<StateEntry> takeChanges() {
        var entries = changes.takeEntries(rooms);
        for (var message : unconfirmed.takeChanged()) {
            entries.add(new StateEntry.OfPending(message.room(), message.seq(),
                    unconfirmed.find(message.room(), message.seq())));
        }
        for (var number : window.takeChanged()) entries.add(new StateEntry.OfPosts(number, window.chunk(number)));
        for (var edge : lostEdges.takeChanged()) {
            entries.add(
                    Objects.requireNonNullElseGet(lostEdges.find(edge), () -> new StateEntry.OfLostEdge(edge, 0, 0)));
        }
        for (var edge : lastDeliveries.takeChanged())
            entries.add(new StateEntry.OfChain(edge, lastDeliveries.find(edge)));
        var shard = rules.takeChanged();
        if (shard != null) entries.add(shard);
        return entries;
    }

    /** Applies one entry of a checkpoint. */
    void restore(StateEntry entry) {
        switch (entry) {
            case StateEntry.OfRoom(var id, var progress) -> findOrPlaceholder(id).restore(progress);
            case StateEntry.OfMember(var id, var connection, var member) -> {
                if (member == null) remove(findOrPlaceholder(id), connection);
                else
                    put(findOrPlaceholder(id), connection, member);
                changes.clear();
            }
            case StateEntry.OfCursor(var id, var user, var seq) -> findOrPlaceholder(id).moveCursor(user, seq);
            case StateEntry.OfPending(var id, var seq, var pending) -> unconfirmed.restore(id, seq, pending);
            case StateEntry.OfPosts(var number, var chunk) -> window.restore(number, chunk);
            case StateEntry.OfLostEdge edge -> lostEdges.restore(edge);
            case StateEntry.OfChain chain -> lastDeliveries.restore(chain);
            case StateEntry.OfShard shard -> rules.restore(shard);
        }
        rooms.endCommand(room -> room.isAbsent() && !room.hasCursors());
    }

    /**
     * Checks the state after the last entry was restored.
     *
     * @throws CorruptStateException if a room has members or cursors but no entry of its own
     */
    void checkRestored() {
        if (rooms.stream().anyMatch(Room::isAbsent))
            throw new CorruptStateException("a room has members or cursors, but no entry of its own", null);
    }

    /** A state with only what does not depend on a room's seq or version. It shares these parts with this state. */
    ShardState emptySuccessor() {
        var emptySuccessor = new ShardState(window, lostEdges);
        emptySuccessor.rules.startAfter(rules, rooms.stream());
        return emptySuccessor;
    }

    /** Deletions of everything that depends on rooms, and of the last delivery to each edge. */
    Stream<StateEntry> deletions() {
        var pending = new ArrayList<StateEntry>();
        unconfirmed.forEach((message, _) -> pending.add(new StateEntry.OfPending(message.room(), message.seq(), null)));
        var chains = lastDeliveries.all().stream().map(chain -> new StateEntry.OfChain(chain.edge().edge(), null));
        return Stream.concat(Stream.concat(rooms.stream().flatMap(ShardState::deletions), pending.stream()), chains);
    }

    private static Stream<StateEntry> deletions(Room room) {
        var members = room.members().keySet().stream().map(c -> new StateEntry.OfMember(room.id(), c, null));
        var cursors = room.usersWithCursor().map(user -> new StateEntry.OfCursor(room.id(), user, 0));
        return Stream.concat(Stream.of(new StateEntry.OfRoom(room.id(), null)), Stream.concat(members, cursors));
    }

    /** The room, or a placeholder until its own entry is restored. */
    private Room findOrPlaceholder(RoomId id) {
        var existing = rooms.find(id);
        if (existing != null) return existing;
        var absent = Room.absent(id);
        rooms.add(absent);
        return absent;
    }
}
