package io.rejoin.edge.resume;

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
public final class FakeHistory implements HistoryReads {
    private final NavigableMap<Long, StoredMessage> messages = new TreeMap<>();
    private final List<Long> reads = new ArrayList<>();
    private long epoch = 1;
    private long head;
    private boolean isUnavailable;
    private int failuresLeft;

    public synchronized void setMessages(long ofEpoch, long from, long to) {
        epoch = ofEpoch;
        head = to;
        for (var seq = from; seq <= to; seq++) {
            messages.put(seq, new StoredMessage(seq, new UserId("default", "bob"), null, Content.text("m" + seq), seq));
        }
    }

    /** Sets the text of a message. */
    public synchronized void setText(long seq, String text) {
        messages.put(seq, new StoredMessage(seq, new UserId("default", "bob"), null, Content.text(text), seq));
    }

    /** Erases the user of a message. */
    public synchronized void erase(long seq) {
        messages.put(seq, new StoredMessage(seq, new UserId("default", "(erased)"), null, Content.text(""), seq, true));
    }

    public synchronized void deleteUpTo(long seq) {
        messages.headMap(seq, true).clear();
    }

    public synchronized void delete(long seq) {
        messages.remove(seq);
    }

    public synchronized void setUnavailable(boolean now) {
        isUnavailable = now;
    }

    public synchronized void failNext(int times) {
        failuresLeft = times;
    }

    public synchronized List<Long> reads() {
        return List.copyOf(reads);
    }

    @Override
    public synchronized ReplayPage read(RoomId room, long ofEpoch, long after, long to, int limit) throws IOException {
        reads.add(after);
        if (isUnavailable || failuresLeft-- > 0) throw new IOException("away");
        if (ofEpoch != epoch) return new ReplayPage(room, epoch, head, List.of(), null);
        var page = messages.tailMap(after, false).headMap(to, true).values().stream().limit(limit).toList();
        return new ReplayPage(room, epoch, head, page, null);
    }
}
