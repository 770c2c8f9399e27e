package io.rejoin.edge.resume;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.metrics.EdgeInvariant;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.room.LocalRoom;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.websocket.Cork;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.resilience.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings members that are behind to the head of their room: first from history, then from its recent frames. Each
 * member has a virtual thread until it is live or has ended. The client's reading speed sets the pace. No thread holds
 * a page while it waits for its client.
 */
public final class CatchUp {
    private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
    /** A client whose outbox stays full for this long is closed. It can resume later. */
    private static final Duration OUTBOX_TIMEOUT = Duration.ofSeconds(30);
    /** A client that waits this long for history gets an error frame that says why. */
    private static final Duration REPORT_AFTER = Duration.ofSeconds(3);

    private final HistoryReads history;
    private final PageReads pages;
    private final RandomGenerator random;
    private final FanOutMeters meters;
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    /** @param memory the limit for pages and for frames of members that catch up */
    public CatchUp(HistoryReads history, FrameMemory memory, RandomGenerator random, FanOutMeters meters) {
        this.history = history;
        this.pages = new PageReads(history, memory);
        this.random = random;
        this.meters = meters;
    }

    /** Starts a thread for each of these members; returns at once. */
    public void start(LocalRoom room, Iterable<Membership> behind) {
        for (var member : behind) {
            Thread.ofVirtual().name("catch-up").start(new MemberCatchUp(room, member));
        }
    }

    private final class MemberCatchUp implements Runnable {
        private final MemberReplay replay;
        private final Membership member;
        private int failures;
        private long firstFailureAt;
        private boolean isReported;
        /** The head of history at the last read. */
        private long historyHead;

        MemberCatchUp(LocalRoom room, Membership member) {
            this.replay = new MemberReplay(room, member);
            this.member = member;
        }

        @Override
        public void run() {
            meters.addCatchingUp(1);
            try {
                while (awaitSpaceInOutbox()) {
                    switch (Cork.hold(replay::advance)) {
                        case LocalRoom.CatchUpStep.Done _ -> {
                            return;
                        }
                        case LocalRoom.CatchUpStep.AwaitOutbox _ -> {
                            // awaitSpaceInOutbox() waits
                        }
                        case LocalRoom.CatchUpStep.Read read -> readAndReplay(read);
                    }
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException fault) {
                meters.countBroken(EdgeInvariant.FAILED_CATCH_UP);
                log.atError().addKeyValue("room", member.room().key()).setCause(fault)
                        .log("the catch-up of a client failed; the edge closes it, so that it resumes");
                member.receiver().close(CloseCode.INTERNAL_ERROR, "internal error: reconnect and resume");
            } finally {
                meters.addCatchingUp(-1);
            }
        }

        /**
         * Waits until the next frame fits into the client's outbox. On timeout, closes the client and returns false.
         */
        private boolean awaitSpaceInOutbox() throws InterruptedException {
            if (member.receiver().awaitSpace(replay.refusedLength(), OUTBOX_TIMEOUT)) return true;
            member.receiver().close(CloseCode.TRY_AGAIN_LATER, "the client reads too slowly: reconnect and resume");
            return false;
        }

        private void readAndReplay(LocalRoom.CatchUpStep.Read read) throws InterruptedException {
            try {
                if (tryReplay(read)) failures = 0;
                // While history is behind, awaitStored waits without memory for a page
                else if (historyHead > read.after() || !history.awaitStored(member.room(), read.epoch(), read.after()))
                    retryLater(read, "history has not stored these messages yet");
            } catch (IOException e) {
                retryLater(read, String.valueOf(e.getMessage()));
            }
        }

        private boolean tryReplay(LocalRoom.CatchUpStep.Read read) throws IOException, InterruptedException {
            var isRetry = failures > 0; // a retry needs a new read: a shared page may be the one that was of no use
            try (var handle = pages.open(member.room(), read, replay.pageLimit(), isRetry)) {
                var page = handle.read();
                historyHead = page.page().head();
                return Cork.hold(() -> replay.queuePage(page, read, isRetry));
            }
        }

        private void retryLater(LocalRoom.CatchUpStep.Read read, String reason) throws InterruptedException {
            log.atDebug().addKeyValue("room", member.room().key()).addKeyValue("after", read.after())
                    .addKeyValue("reason", reason).log("missed messages cannot be read, retrying");
            if (failures == 0) firstFailureAt = System.nanoTime();
            if (!isReported && System.nanoTime() - firstFailureAt > REPORT_AFTER.toNanos()) {
                isReported = true;
                member.receiver().reply(new ServerFrame.Failure(null, member.room().name(),
                        ErrorCode.HISTORY_UNAVAILABLE,
                        "missed messages cannot be read now; they and all later messages come when history is back",
                        null));
            }
            Thread.sleep(backoff.delay(failures++, random));
        }
    }
}
