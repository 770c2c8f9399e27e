package io.rejoin.simulation;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The events of one room, by epoch. A life is one epoch of the room. A new life begins only after the previous one has
 * ended, and its epoch is higher.
 */
final class RoomModel {
    /** Whether the present life has ended, as far as the events show. */
    private enum End {
        NOT, PERHAPS, YES
    }

    private final TreeMap<Long, List<Event.MessagePosted>> lives = new TreeMap<>();
    private End end = End.NOT;
    private boolean hadVersion;
    /** Log time of the last use of the room; 0 if it had none under rules by which shards forget rooms. */
    private long used;
    final NavigableSet<UserId> users = new TreeSet<>();
    long version;
    int count;

    /**
     * Records an event of this room.
     *
     * @param forgetsRooms whether the rules make shards forget unused rooms
     */
    void happens(Event event, long epoch, boolean forgetsRooms) {
        if (lives.isEmpty() || epoch != epoch()) begin(event, epoch, forgetsRooms);
        else {
            Violation.unless(end != End.YES, () -> "an event of an epoch that has ended: " + event);
            end = End.NOT;
        }
        var isUse = !(event instanceof Event.CursorMoved || event instanceof Event.ConfirmationExpired);
        if (forgetsRooms && isUse) used = Math.max(used, event.ts());
    }

    private void begin(Event event, long epoch, boolean forgetsRooms) {
        var mayBegin = lives.isEmpty() || end != End.NOT || (forgetsRooms && users.isEmpty() && messages().isEmpty());
        Violation.unless(mayBegin, () -> "a new epoch, although the room was in use: " + event);
        Violation.unless(lives.isEmpty() || epoch > epoch(), () -> "the new epoch is not higher: " + event);
        Violation.unless(users.isEmpty(), () -> "a new epoch, although a user is in the room: " + event);
        lives.put(epoch, new ArrayList<>());
        end = End.NOT;
        used = 0;
        hadVersion = false;
    }

    /** Whether this life had no presence version before this call. */
    boolean isFirstVersion() {
        var isFirst = !hadVersion;
        hadVersion = true;
        return isFirst;
    }

    /** A member has left. A life without members and messages has ended, where shards forget rooms. */
    void left(boolean forgetsRooms) {
        if (forgetsRooms && users.isEmpty() && messages().isEmpty()) end = End.YES;
    }

    /**
     * A router has appended that the room was unused for long. The shard forgets the room only if that is still true.
     *
     * @param ts    log time of the command
     * @param since log time from which these rules apply
     * @param waits whether a message in the room waits for a confirmation
     */
    void forget(Command.Forget forget, long ts, long since, boolean waits) {
        if (lives.isEmpty() || forget.epoch() != epoch() || !users.isEmpty()) return;
        if (forget.seq() != messages().size() || waits || messages().isEmpty()) return;
        if (ts - Math.max(used, since) < forget.silentMs()) return;
        end = used == 0 ? End.PERHAPS : End.YES;
    }

    boolean isLife(long epoch) {
        return lives.containsKey(epoch);
    }

    /** The present epoch; 0 if there was none yet. */
    long epoch() {
        return lives.isEmpty() ? 0 : lives.lastKey();
    }

    Iterable<Long> epochs() {
        return lives.keySet();
    }

    /** The messages of the present life. */
    List<Event.MessagePosted> messages() {
        return messages(epoch());
    }

    List<Event.MessagePosted> messages(long epoch) {
        return lives.getOrDefault(epoch, List.of());
    }

    long head() {
        return end == End.YES ? 0 : messages().size();
    }

    /** Whether the message of that seq has that id and user, in any life. */
    boolean has(long seq, String id, UserId user) {
        return lives.values().stream().anyMatch(messages -> seq >= 1 && seq <= messages.size()
                && id.equals(messages.get((int) seq - 1).id()) && messages.get((int) seq - 1).user().equals(user));
    }
}
