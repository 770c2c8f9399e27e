package io.rejoin.simulation;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What happened in a room, life by life. A life is an epoch; a new one begins only when the one before is over, and later. */
final class RoomFacts {
    /** Whether a life is over, as far as the facts tell. */
    private enum End {
        NOT, PERHAPS, YES
    }

    private final TreeMap<Long, List<Event.MessagePosted>> lives = new TreeMap<>();
    private End end = End.NOT;
    private boolean hadVersion;
    /** When something happened last; 0 if that was by rules which do not ask. */
    private long used;
    final NavigableSet<UserId> users = new TreeSet<>();
    long version;
    int count;

    /** Something happens in a room. */
    void happens(Event event, long epoch, boolean vanishing) {
        if (lives.isEmpty() || epoch != epoch()) begin(event, epoch, vanishing);
        else {
            Violation.unless(end != End.YES, () -> "a life that is over goes on: " + event);
            end = End.NOT;
        }
        var isUse = !(event instanceof Event.CursorMoved || event instanceof Event.ConfirmationExpired);
        if (vanishing && isUse) used = Math.max(used, event.ts());
    }

    private void begin(Event event, long epoch, boolean vanishing) {
        var mayBegin = lives.isEmpty() || end != End.NOT || (vanishing && users.isEmpty() && messages().isEmpty());
        Violation.unless(mayBegin, () -> "a new epoch, though the room was in use: " + event);
        Violation.unless(lives.isEmpty() || epoch > epoch(), () -> "not a later epoch: " + event);
        Violation.unless(users.isEmpty(), () -> "a new epoch, though somebody is in the room: " + event);
        lives.put(epoch, new ArrayList<>());
        end = End.NOT;
        used = 0;
        hadVersion = false;
    }

    /** Whether none of this life was told yet. It is now. */
    boolean isFirstVersion() {
        var isFirst = !hadVersion;
        hadVersion = true;
        return isFirst;
    }

    /** The last one has left. */
    void left(boolean vanishing) {
        if (vanishing && users.isEmpty() && messages().isEmpty()) end = End.YES;
    }

    /**
     * A router says that nobody used the room for long.
     *
     * @param since when the rules came in force
     * @param waits whether something is still to be confirmed
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

    /** Those of the present life. */
    List<Event.MessagePosted> messages() {
        return messages(epoch());
    }

    List<Event.MessagePosted> messages(long epoch) {
        return lives.getOrDefault(epoch, List.of());
    }

    long head() {
        return end == End.YES ? 0 : messages().size();
    }

    /** Whether a message of that place has that id, in whatever life. */
    boolean has(long seq, String id, UserId user) {
        return lives.values().stream().anyMatch(messages -> seq >= 1 && seq <= messages.size()
                && id.equals(messages.get((int) seq - 1).id()) && messages.get((int) seq - 1).user().equals(user));
    }
}
