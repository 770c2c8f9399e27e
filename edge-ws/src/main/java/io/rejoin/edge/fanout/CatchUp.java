package io.rejoin.edge.fanout;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.metrics.EdgeInvariant;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.websocket.Cork;
import io.rejoin.edge.websocket.FrameMemory;
import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings members that are behind to the head of their room: first from history, then from the room's tail. Each member
 * has a virtual thread until it is live or has ended. The client's reading speed sets the pace. No thread holds a page
 * while it waits for its client.
 */
final class CatchUp {
    private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
    /** A client whose outbox stays full for this long is closed. It can resume later. */
    private static final Duration DRAIN = Duration.ofSeconds(30);
    /** A client that waits this long for history gets an error frame that says why. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final HistoryReads history;
    private final PageReads pages;
    private final RandomGenerator random;
    private final FanOutMeters meters;
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    /** @param memory the limit for pages and for frames of members that catch up */
    CatchUp(HistoryReads history, FrameMemory memory, RandomGenerator random, FanOutMeters meters) {
        this.history = history;
        this.pages = new PageReads(history, memory);
        this.random = random;
        this.meters = meters;
    }

    /** Starts a thread for each of these members; returns at once. */
    void start(Room room, Iterable<Membership> behind) {
        for (var member : behind) {
            Thread.ofVirtual().name("catch-up").start(new OfMember(room, member));
        }
    }

    private final class OfMember implements Runnable {
        private final Replay replay;
        private final Membership member;
        private int failures;
        private long firstFailure;
        private boolean told;
        /** The head of history at the last read. */
        private long head;

        OfMember(Room room, Membership member) {
            this.replay = new Replay(room, member);
            this.member = member;
        }

        @Override
        public void run() {
            meters.catchingUp(1);
            try {
                while (hasRoom()) {
                    switch (Cork.hold(replay::advance)) {
                        case Room.Step.Done _ -> {
                            return;
                        }
                        case Room.Step.AwaitOutbox _ -> {
                            // hasRoom() waits for space in the outbox
                        }
                        case Room.Step.Read read -> readAndReplay(read);
                    }
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException fault) {
                meters.broken(EdgeInvariant.FAILED_CATCH_UP);
                log.atError().addKeyValue("room", member.room().key()).setCause(fault)
                        .log("the catch-up of a client failed; the edge closes it, so that it resumes");
                member.receiver().close(CloseCode.INTERNAL_ERROR, "internal error: reconnect and resume");
            } finally {
                meters.catchingUp(-1);
            }
        }

        /**
         * Waits until the next frame fits into the client's outbox. On timeout, closes the client and returns false.
         */
        private boolean hasRoom() throws InterruptedException {
            if (member.receiver().awaitRoom(replay.refused(), DRAIN)) return true;
            member.receiver().close(CloseCode.TRY_AGAIN_LATER, "the client reads too slowly: reconnect and resume");
            return false;
        }

        private void readAndReplay(Room.Step.Read read) throws InterruptedException {
            try {
                if (isReplayed(read)) failures = 0;
                // While history is behind, awaitGrowth waits without memory for a page
                else if (head > read.after() || !history.awaitGrowth(member.room(), read.epoch(), read.after()))
                    retryLater(read, "history has not stored these messages yet");
            } catch (IOException e) {
                retryLater(read, String.valueOf(e.getMessage()));
            }
        }

        private boolean isReplayed(Room.Step.Read read) throws IOException, InterruptedException {
            var again = failures > 0; // a retry needs a new read: a shared page may be the one that was of no use
            try (var use = pages.open(member.room(), read, replay.limit(), again)) {
                var page = use.read();
                head = page.page().head();
                return Cork.hold(() -> replay.take(page, read, again));
            }
        }

        private void retryLater(Room.Step.Read read, String reason) throws InterruptedException {
            log.atDebug().addKeyValue("room", member.room().key()).addKeyValue("after", read.after())
                    .addKeyValue("reason", reason).log("missed messages cannot be read, retrying");
            if (failures == 0) firstFailure = System.nanoTime();
            if (!told && System.nanoTime() - firstFailure > PATIENCE.toNanos()) {
                told = true;
                member.receiver().reply(new ServerFrame.Failure(null, member.room().name(),
                        ErrorCode.HISTORY_UNAVAILABLE,
                        "missed messages cannot be read now; they and all later messages come when history is back",
                        null));
            }
            Thread.sleep(backoff.delay(failures++, random));
        }
    }
}
