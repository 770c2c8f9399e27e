package io.rejoin.bench.load;

import java.util.BitSet;

/**
 * Checks what one member receives of its room in one load: every acknowledged post once, in the same order as the other
 * members, with increasing seqs where the system numbers messages. Only for the thread of the member's loop.
 */
final class DeliveryCheck {
    private final RunningLoad load;
    private final Schedule schedule;
    private final RoomOrder order;
    private final int room;
    private final Tally tally;
    private final BitSet seen;
    private int lastPlace;
    private long lastSeq;

    DeliveryCheck(RunningLoad load, int room, Tally tally) {
        this.load = load;
        this.schedule = load.schedule;
        this.order = load.order(room);
        this.room = room;
        this.tally = tally;
        this.seen = new BitSet(schedule.postsOf(room));
    }

    /**
     * A message arrived.
     *
     * @param now when it was read, by {@link System#nanoTime}
     */
    void message(long seq, Payload text, long now) {
        var at = Texts.find(text);
        var index = at == Payload.NONE ? -1 : Texts.number(text, at) - schedule.base();
        if (index < 0 || index >= schedule.postsOf(room) || Texts.room(text, at) != room) {
            tally.foreign++;
            return;
        }
        if (seen.get(index)) {
            tally.doubled++;
            return;
        }
        seen.set(index);
        tally.received++;
        checkOrder(order.place(index), seq);
        var post = schedule.post(room, index + schedule.base());
        if (schedule.isMeasured(post)) Tally.record(tally.deliveries, now - schedule.due(post));
    }

    private void checkOrder(int place, long seq) {
        if (place < lastPlace || (seq != 0 && seq <= lastSeq)) tally.outOfOrder++;
        lastPlace = Math.max(lastPlace, place);
        lastSeq = Math.max(lastSeq, seq);
    }

    /** The member's own post was acknowledged. */
    void acknowledged(int number, long now) {
        var index = number - schedule.base();
        if (index < 0 || index >= schedule.postsOf(room) || !load.acknowledge(room, index)) {
            tally.odd("ack of an unknown post");
            return;
        }
        tally.acknowledged++;
        var post = schedule.post(room, number);
        if (schedule.isMeasured(post)) Tally.record(tally.acks, now - schedule.due(post));
    }

    /** Number of acknowledged posts that have not arrived. */
    int missing() {
        var missing = 0;
        for (var index = seen.nextClearBit(0); index < schedule.postsOf(room); index = seen.nextClearBit(index + 1))
            if (load.isAcknowledged(room, index)) missing++;
        return missing;
    }
}
