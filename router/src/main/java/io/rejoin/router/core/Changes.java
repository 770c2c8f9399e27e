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

    void room(RoomId id, boolean wasThere) {
        rooms.putIfAbsent(id, wasThere);
    }

    void member(RoomId room, ConnectionId connection, boolean wasThere) {
        members.putIfAbsent(new MemberKey(room, connection), wasThere);
    }

    void cursor(RoomId room, UserId user) {
        cursors.add(new CursorKey(room, user));
    }

    void clear() {
        rooms.clear();
        members.clear();
        cursors.clear();
    }

    /** The current entries of all changed keys. Then clears the changes. */
    List<StateEntry> take(Rooms now) {
        var entries = new ArrayList<StateEntry>();
        rooms.forEach((id, wasThere) -> {
            var room = now.peek(id);
            if (room != null || wasThere)
                entries.add(new StateEntry.OfRoom(id, room == null ? null : room.progress()));
        });
        members.forEach((key, wasThere) -> {
            var room = now.peek(key.room());
            var member = room == null ? null : room.members().get(key.connection());
            if (member != null || wasThere)
                entries.add(new StateEntry.OfMember(key.room(), key.connection(), member));
        });
        for (var key : cursors) {
            var room = now.peek(key.room());
            entries.add(new StateEntry.OfCursor(key.room(), key.user(), room == null ? 0 : room.cursor(key.user())));
        }
        clear();
        return entries;
    }
}
