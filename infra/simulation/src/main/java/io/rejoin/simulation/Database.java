package io.rejoin.simulation;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.Append;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** History's tables, and what its one transaction does: the position moves only from where it was read, together with the rows. */
final class Database {
    private final Facts facts;
    private final Map<Integer, Position> positions = new HashMap<>();
    private record Life(RoomId room, long epoch) {}

    private final Map<Life, List<StoredMessage>> messages = new HashMap<>();

    Database(Facts facts) {
        this.facts = facts;
    }

    @Nullable
    Position position(int partition) {
        return positions.get(partition);
    }

    /** Sets a position by hand; false when somebody else has moved it. */
    boolean move(@Nullable Position from, Position to) {
        var now = positions.get(to.partition());
        if (now == null ? from != null : !now.equals(from)) return false;
        positions.put(to.partition(), to);
        return true;
    }

    /** The transaction; false when the position was moved, and nothing is done. */
    boolean append(Append append) {
        if (!advance(append)) return false;
        store(append);
        return true;
    }

    /** The first half of the transaction, apart: a mistake, unless the second half follows at once. */
    boolean advance(Append append) {
        var now = positions.get(append.partition());
        if (now == null || now.next() != append.before().next()) return false;
        positions.put(append.partition(), append.after());
        return true;
    }

    void store(Append append) {
        append.rows().forEach(this::store);
        for (var row : append.repetitions()) {
            Violation.unless(of(row.room(), row.epoch()).size() >= row.message().seq(),
                    () -> "taken for a repetition, but new: " + row);
            store(row);
        }
    }

    /** A page, read without the tail. */
    ReplayPage page(RoomId room, long epoch, long after, long to, int limit) {
        var all = of(room, epoch);
        var end = Math.min(all.size(), Math.min(to, after + limit));
        var page = after >= end ? List.<StoredMessage>of() : all.subList((int) after, (int) end);
        return new ReplayPage(room, epoch, all.size(), page, null);
    }

    /** All that is posted is stored. */
    void checkComplete() {
        for (var room : facts.rooms()) {
            for (var epoch : facts.epochs(room)) {
                var stored = of(room, epoch).size();
                Violation.unless(stored == facts.head(room, epoch),
                        () -> "history of " + room.key() + " ends at " + stored + " of " + facts.head(room, epoch));
            }
        }
    }

    private void store(MessageRow row) {
        var all = of(row.room(), row.epoch());
        var message = row.message();
        var right = facts.message(row.room(), row.epoch(), message.seq());
        Violation.unless(message.user().equals(right.user())
                && message.content().equals(right.content()) && message.ts() == right.ts(),
                () -> "history stores " + row + ", posted was " + right);
        if (message.seq() <= all.size()) return; // on conflict, do nothing; it is the same, as it is the posted one
        Violation.unless(message.seq() == all.size() + 1, () -> "history leaves a hole before " + row);
        all.add(message);
    }

    private List<StoredMessage> of(RoomId room, long epoch) {
        return messages.computeIfAbsent(new Life(room, epoch), _ -> new ArrayList<>());
    }
}
