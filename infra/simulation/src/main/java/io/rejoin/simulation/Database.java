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

/**
 * A model of history's tables and of its one transaction. The transaction moves a partition's position and stores the
 * rows. It fails when the position is no longer where the caller read it.
 */
final class Database {
    private final LogModel facts;
    private final Map<Integer, Position> positions = new HashMap<>();
    private record Life(RoomId room, long epoch) {}

    private final Map<Life, List<StoredMessage>> messages = new HashMap<>();

    Database(LogModel facts) {
        this.facts = facts;
    }

    @Nullable
    Position position(int partition) {
        return positions.get(partition);
    }

    /** Sets a position outside the transaction; false when another instance has moved it. */
    boolean move(@Nullable Position from, Position to) {
        var now = positions.get(to.partition());
        if (now == null ? from != null : !now.equals(from)) return false;
        positions.put(to.partition(), to);
        return true;
    }

    /** Runs the transaction; false, without any effect, when the position has moved. */
    boolean append(Append append) {
        if (!advance(append)) return false;
        store(append);
        return true;
    }

    /**
     * Runs only the first half of the transaction: moves the position, without storing the rows. A caller that does not
     * call {@link #store(Append)} in the same step simulates a bug: a crash between both halves loses the rows.
     */
    boolean advance(Append append) {
        var now = positions.get(append.partition());
        if (now == null || now.nextOffset() != append.before().nextOffset()) return false;
        positions.put(append.partition(), append.after());
        return true;
    }

    void store(Append append) {
        append.rows().forEach(this::store);
        for (var row : append.repetitions()) {
            Violation.unless(of(row.room(), row.epoch()).size() >= row.message().seq(),
                    () -> "history takes a new message for a repetition: " + row);
            store(row);
        }
    }

    /** Reads a page from the table, without the tail. */
    ReplayPage page(RoomId room, long epoch, long after, long to, int limit) {
        var all = of(room, epoch);
        var end = Math.min(all.size(), Math.min(to, after + limit));
        var page = after >= end ? List.<StoredMessage>of() : all.subList((int) after, (int) end);
        return new ReplayPage(room, epoch, all.size(), page, null);
    }

    /** Checks that every posted message is stored. */
    void checkComplete() {
        for (var room : facts.rooms()) {
            for (var epoch : facts.epochs(room)) {
                var stored = of(room, epoch).size();
                Violation.unless(stored == facts.head(room, epoch),
                        () -> "history of " + room.key() + " ends at seq " + stored + " of " + facts.head(room, epoch));
            }
        }
    }

    private void store(MessageRow row) {
        var all = of(row.room(), row.epoch());
        var message = row.message();
        var right = facts.message(row.room(), row.epoch(), message.seq());
        Violation.unless(message.user().equals(right.user())
                && message.content().equals(right.content()) && message.ts() == right.ts(),
                () -> "history stores " + row + ", but posted was " + right);
        if (message.seq() <= all.size()) return; // ON CONFLICT DO NOTHING: both equal the posted message
        Violation.unless(message.seq() == all.size() + 1, () -> "history has a gap before " + row);
        all.add(message);
    }

    private List<StoredMessage> of(RoomId room, long epoch) {
        return messages.computeIfAbsent(new Life(room, epoch), _ -> new ArrayList<>());
    }
}
