package io.rejoin.edge.resume;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.room.LocalRoom;
import io.rejoin.edge.room.Membership;
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
public final class Redeliveries {
    private static final Logger log = LoggerFactory.getLogger(Redeliveries.class);
    private static final int CONCURRENT_READS = 16;
    private static final byte[] REDELIVERED_FIELD = ",\"redelivered\":true}".getBytes(UTF_8);

    private final HistoryReads history;
    private final Semaphore readPermits = new Semaphore(CONCURRENT_READS);

    public Redeliveries(HistoryReads history) {
        this.history = history;
    }

    /** Sends a message again to those of these members that have received it. Does not block. */
    public void send(LocalRoom room, List<Membership> members, Delivery.Redeliver redelivery) {
        if (!room.hasReceived(members, redelivery.epoch(), redelivery.seq())) return;
        var frame = room.findFrame(redelivery.epoch(), redelivery.seq());
        if (frame != null) room.resend(members, redelivery.epoch(), redelivery.seq(), withRedeliveredField(frame));
        else if (readPermits.tryAcquire())
            Thread.ofVirtual().name("redelivery").start(() -> readAndSend(room, members, redelivery));
    }

    private void readAndSend(LocalRoom room, List<Membership> members, Delivery.Redeliver redelivery) {
        try {
            var page = history.read(redelivery.room(), redelivery.epoch(), redelivery.seq() - 1, redelivery.seq(), 1);
            var isFound = page.epoch() == redelivery.epoch() && !page.messages().isEmpty();
            if (isFound)
                room.resend(members, redelivery.epoch(), redelivery.seq(),
                        MessageFrame.ofRedelivered(redelivery.room(), redelivery.epoch(), page.messages().getFirst()));
        } catch (IOException e) {
            log.atDebug().addKeyValue("room", redelivery.room().key()).addKeyValue("seq", redelivery.seq())
                    .addKeyValue("reason", e.getMessage()).log("cannot read a message for its redelivery");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            readPermits.release();
        }
    }

    /** Appends a field to the JSON of a message's frame, without decoding it. */
    private static byte[] withRedeliveredField(byte[] frame) {
        var json = FrameWriter.payload(frame);
        var extended = Arrays.copyOf(json, json.length - 1 + REDELIVERED_FIELD.length);
        System.arraycopy(REDELIVERED_FIELD, 0, extended, json.length - 1, REDELIVERED_FIELD.length);
        return FrameWriter.text(extended);
    }
}
