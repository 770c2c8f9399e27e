package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.websocket.FrameWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages again to users that have not acknowledged them. A message that cannot be sent now is dropped: routers
 * ask again, with growing delays, until it is acknowledged or expires.
 */
final class Redeliveries {
    private static final Logger log = LoggerFactory.getLogger(Redeliveries.class);
    private static final int CONCURRENT_READS = 16;
    private static final byte[] MARK = ",\"redelivered\":true}".getBytes(UTF_8);

    private final HistoryReads history;
    private final Semaphore places = new Semaphore(CONCURRENT_READS);

    Redeliveries(HistoryReads history) {
        this.history = history;
    }

    /** Sends a message again to those of these members that have received it. Does not block. */
    void send(Room room, List<Membership> members, Delivery.Redeliver again) {
        if (!room.hasHad(members, again.epoch(), again.seq())) return;
        var kept = room.kept(again.epoch(), again.seq());
        if (kept != null) room.again(members, again.epoch(), again.seq(), marked(kept));
        else if (places.tryAcquire()) Thread.ofVirtual().name("redelivery").start(() -> read(room, members, again));
    }

    private void read(Room room, List<Membership> members, Delivery.Redeliver again) {
        try {
            var page = history.read(again.room(), again.epoch(), again.seq() - 1, again.seq(), 1);
            var isThere = page.epoch() == again.epoch() && !page.messages().isEmpty();
            if (isThere)
                room.again(members, again.epoch(), again.seq(),
                        MessageFrame.again(again.room(), again.epoch(), page.messages().getFirst()));
        } catch (IOException e) {
            log.atDebug().addKeyValue("room", again.room().key()).addKeyValue("seq", again.seq())
                    .addKeyValue("reason", e.getMessage()).log("cannot read a message for its redelivery");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    /** Appends a field to the JSON of a message's frame, without decoding it. */
    private static byte[] marked(byte[] frame) {
        var json = FrameWriter.payload(frame);
        var marked = Arrays.copyOf(json, json.length - 1 + MARK.length);
        System.arraycopy(MARK, 0, marked, json.length - 1, MARK.length);
        return FrameWriter.text(marked);
    }
}
