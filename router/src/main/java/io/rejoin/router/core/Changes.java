package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The keys that changed in a shard's rooms since the last checkpoint, and whether each existed at that checkpoint. A
 * key that did not exist then and does not exist now is not written. Confined to the shard's thread.
 */
final class Changes {
    private record MemberKey(RoomId room, ConnectionId connection) {}

    private record CursorKey(RoomId room, UserId user) {}

    private final Map<RoomId, Boolean> rooms = new HashMap<>();
    private final Map<MemberKey, Boolean> members = new HashMap<>();
    private final Set<CursorKey> cursors = new HashSet<>();

    void roomChanged(RoomId id, boolean existed) {
        rooms.putIfAbsent(id, existed);
    }

    void memberChanged(RoomId room, ConnectionId connection, boolean existed) {
        members.putIfAbsent(new MemberKey(room, connection), existed);
    }

    void cursorChanged(RoomId room, UserId user) {
        cursors.add(new CursorKey(room, user));
    }

    void clear() {
        rooms.clear();
        members.clear();
        cursors.clear();
    }

    /** Returns the current entries of all changed keys, and clears the changes. */
    List<StateEntry> takeEntries(Rooms current) {
        var entries = new ArrayList<StateEntry>();
        rooms.forEach((id, existed) -> {
            var room = current.peek(id);
            if (room != null || existed)
                entries.add(new StateEntry.OfRoom(id, room == null ? null : room.progress()));
        });
        members.forEach((key, existed) -> {
            var room = current.peek(key.room());
            var member = room == null ? null : room.members().get(key.connection());
            if (member != null || existed)
                entries.add(new StateEntry.OfMember(key.room(), key.connection(), member));
        });
        for (var key : cursors) {
            var room = current.peek(key.room());
            entries.add(new StateEntry.OfCursor(key.room(), key.user(), room == null ? 0 : room.cursor(key.user())));
        }
        clear();
        return entries;
    }
}
