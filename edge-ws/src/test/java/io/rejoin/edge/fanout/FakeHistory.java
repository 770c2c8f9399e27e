package io.rejoin.edge.fanout;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Plays the history of one room: unreachable, behind, or with holes, as the test needs. */
final class FakeHistory implements HistoryReads {
    private final NavigableMap<Long, StoredMessage> messages = new TreeMap<>();
    private final List<Long> reads = new ArrayList<>();
    private long epoch = 1;
    private long head;
    private boolean away;
    private int failNext;

    synchronized void holds(long ofEpoch, long from, long to) {
        epoch = ofEpoch;
        head = to;
        for (var seq = from; seq <= to; seq++) {
            messages.put(seq, new StoredMessage(seq, new UserId("default", "bob"), null, Content.text("m" + seq), seq));
        }
    }

    /** Sets the text of a message. */
    synchronized void says(long seq, String text) {
        messages.put(seq, new StoredMessage(seq, new UserId("default", "bob"), null, Content.text(text), seq));
    }

    /** Erases the user of a message. */
    synchronized void erases(long seq) {
        messages.put(seq, new StoredMessage(seq, new UserId("default", "(erased)"), null, Content.text(""), seq, true));
    }

    synchronized void forgetsUpTo(long seq) {
        messages.headMap(seq, true).clear();
    }

    synchronized void loses(long seq) {
        messages.remove(seq);
    }

    synchronized void isAway(boolean now) {
        away = now;
    }

    synchronized void failsNext(int times) {
        failNext = times;
    }

    synchronized List<Long> reads() {
        return List.copyOf(reads);
    }

    @Override
    public synchronized ReplayPage read(RoomId room, long ofEpoch, long after, long to, int limit) throws IOException {
        reads.add(after);
        if (away || failNext-- > 0) throw new IOException("away");
        if (ofEpoch != epoch) return new ReplayPage(room, epoch, head, List.of(), null);
        var page = messages.tailMap(after, false).headMap(to, true).values().stream().limit(limit).toList();
        return new ReplayPage(room, epoch, head, page, null);
    }
}
