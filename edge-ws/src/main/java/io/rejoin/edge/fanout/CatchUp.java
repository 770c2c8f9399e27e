package io.rejoin.edge.fanout;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.edge.websocket.FrameWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings members that are behind to the head of their room: from history, then from the room's tail, at the speed their
 * clients read. One virtual thread for each, until it is live or gone.
 */
final class CatchUp {
    private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
    /** A client that makes no room in this time is closed, to resume when it can. */
    private static final Duration DRAIN = Duration.ofSeconds(30);
    /** A client that waits for history for so long is told why. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int CONCURRENT_READS = 128;

    private final HistoryClient history;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));
    private final Semaphore reads = new Semaphore(CONCURRENT_READS);

    CatchUp(HistoryClient history, RandomGenerator random) {
        this.history = history;
        this.random = random;
    }

    /** Begins; returns at once. */
    void start(Room room, List<Membership> behind) {
        for (var member : behind) {
            Thread.ofVirtual().name("catch-up").start(() -> run(room, member));
        }
    }

    private void run(Room room, Membership member) {
        try {
            while (member.receiver().isOpen()) {
                switch (room.advance(member)) {
                    case Room.Step.Done _ -> {
                        return;
                    }
                    case Room.Step.AwaitRoom _ -> awaitRoom(member);
                    case Room.Step.Read read -> readAndReplay(room, member, read);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads until history gave something, however long it is away; the client is told once if that takes long. */
    private void readAndReplay(Room room, Membership member, Room.Step.Read read) throws InterruptedException {
        var begun = System.nanoTime();
        var told = false;
        for (var attempt = 0; member.receiver().isOpen(); attempt++) {
            var messages = tryRead(member, read);
            if (!messages.isEmpty()) {
                replay(room, member, read.epoch(), messages);
                return;
            }
            if (!told && System.nanoTime() - begun > PATIENCE.toNanos()) {
                told = true;
                member.receiver().reply(new ServerFrame.Failure(null, member.room().name(), ErrorCode.HISTORY_UNAVAILABLE,
                        "missed messages cannot be read at the moment; they and all later ones follow when they can",
                        null));
            }
            Thread.sleep(backoff.delay(attempt, random));
        }
    }

    private List<StoredMessage> tryRead(Membership member, Room.Step.Read read) throws InterruptedException {
        reads.acquire();
        try {
            return history.read(member.room(), read.epoch(), read.after(), read.to()).messages();
        } catch (IOException e) {
            log.atDebug().addKeyValue("room", member.room().key()).setCause(e).log("history cannot be read, retrying");
            return List.of();
        } finally {
            reads.release();
        }
    }

    private static void replay(Room room, Membership member, long epoch, List<StoredMessage> messages)
            throws InterruptedException {
        for (var message : messages) {
            var frame = FrameWriter.text(FrameCodec.encode(new ServerFrame.Message(member.room().name(), message.seq(),
                    epoch, message.id(), message.user().name(), message.content(), message.ts())));
            while (!room.replay(member, epoch, message.seq(), frame)) {
                if (!awaitRoom(member)) return;
            }
        }
    }

    private static boolean awaitRoom(Membership member) throws InterruptedException {
        if (member.receiver().awaitRoom(DRAIN)) return true;
        member.receiver().close(CloseCode.TRY_AGAIN_LATER, "too slow: reconnect and resume");
        return false;
    }
}
