package io.rejoin.contracts.replay;

import io.rejoin.contracts.RoomId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a room's messages, in ascending order of seq. A page is also limited in bytes. So it may have fewer
 * messages than requested although there are more.
 *
 * @param epoch the room's epoch of these messages; 0 if history does not know the room
 * @param head  the last seq that history has in that epoch; 0 if it has none
 * @param next  the value of {@code after} (or {@code before}) for the next page; absent on the last page
 */
public record ReplayPage(RoomId room, long epoch, long head, List<StoredMessage> messages, @Nullable Long next) {
    public ReplayPage {
        messages = List.copyOf(messages);
    }
}
