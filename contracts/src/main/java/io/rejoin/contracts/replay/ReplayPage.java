package io.rejoin.contracts.replay;

import io.rejoin.contracts.RoomId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a room's messages, ascending by seq. It may have fewer than were asked for although there are more: pages are
 * bounded by bytes, too.
 *
 * @param epoch    the room's life these are of; 0 when history knows nothing of the room
 * @param head     the last seq history holds in that epoch; 0 when none
 * @param next     the seq to ask for as {@code after} (or {@code before}) to go on; absent on the last page
 */
public record ReplayPage(RoomId room, long epoch, long head, List<StoredMessage> messages, @Nullable Long next) {
    public ReplayPage {
        messages = List.copyOf(messages);
    }
}
