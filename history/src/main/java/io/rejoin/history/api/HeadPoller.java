package io.rejoin.history.api;

import io.rejoin.contracts.RoomId;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls the database for the heads of all rooms that requests wait for. One read covers up to a thousand rooms, however
 * many requests wait. The poll is for rooms that another instance ingests; the ingest of this instance reports its own
 * rooms sooner.
 */
final class HeadPoller implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(HeadPoller.class);
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** The interval while PostgreSQL is unavailable: other callers already retry against it. */
    private static final Duration INTERVAL_AFTER_FAILURE = Duration.ofSeconds(2);
    private static final int ROOMS_PER_READ = 1_000;

    private final WaitingRequests waitingRequests;
    private final MessageReader reader;

    HeadPoller(WaitingRequests waitingRequests, MessageReader reader) {
        this.waitingRequests = waitingRequests;
        this.reader = reader;
    }

    /** Runs until the thread is interrupted. */
    @Override
    public void run() {
        try {
            while (true) {
                waitingRequests.awaitAnyWaiter();
                Thread.sleep(tryPoll() ? INTERVAL : INTERVAL_AFTER_FAILURE);
            }
        } catch (InterruptedException _) {
            log.debug("head poller stopped");
        }
    }

    private boolean tryPoll() {
        var rooms = new ArrayList<>(waitingRequests.rooms());
        try {
            for (var from = 0; from < rooms.size(); from += ROOMS_PER_READ) {
                readHeads(rooms.subList(from, Math.min(rooms.size(), from + ROOMS_PER_READ)));
            }
            return true;
        } catch (StoreException.Unavailable e) {
            log.atDebug().addKeyValue("cause", e).log("the last messages of rooms cannot be read");
            return false;
        }
    }

    private void readHeads(List<RoomId> rooms) {
        reader.heads(rooms).forEach(waitingRequests::updateHead);
    }
}
