package io.rejoin.e2e.check;

import io.rejoin.contracts.client.ServerFrame.Outcome;
import io.rejoin.e2e.check.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks one client in one room over all its connections: the seq increases by one, or a frame announces why it does
 * not. During a catch-up, the resync at its end may still announce a gap.
 */
final class StreamCheck {
    /** Seqs that did not arrive. */
    private record Hole(long from, long to, long line) {}

    private final String client;
    private final RoomCheck room;
    private final String name;
    private final Findings findings;
    private final List<Hole> unannounced = new ArrayList<>();
    private final List<Hole> jumped = new ArrayList<>();
    private @Nullable Long after;
    private @Nullable Long afterEpoch;
    private long joinLine;
    private boolean isJoined;
    private boolean isCatchingUp;
    /** The last seq that the client has. After a join it is the seq from which the client counts on. */
    private long position;
    private long epoch;
    /** The epoch in which the client counts its position, as last announced to it; 0 before its first join. */
    private long standing;

    StreamCheck(String client, String name, RoomCheck room, Findings findings) {
        this.client = client;
        this.name = name;
        this.room = room;
        this.findings = findings;
    }

    void join(long line, Observation.Join join) {
        after = join.after();
        afterEpoch = join.epoch();
        joinLine = line;
        if (standing == 0) return; // the client's first join
        if (afterEpoch != null && afterEpoch != standing) {
            add(Kind.GAP, "resumes in epoch " + afterEpoch + ", but the last announced epoch is " + standing, line);
        } else if (after != null && epoch == standing && after > position) {
            add(Kind.GAP, "resumes after seq " + after + ", but its last seq is " + position, line);
        }
    }

    void joined(Observation.Joined joined) {
        closeHoles("the next join_ack arrived");
        jumped.clear();
        isJoined = true;
        isCatchingUp = after != null || joined.cursor() != null;
        epoch = joined.epoch();
        position = begin(joined);
        if (!isStrange()) standing = epoch;
    }

    private long begin(Observation.Joined joined) {
        if (joined.cursor() != null) return joined.cursor();
        if (after == null) return joined.seq();
        return isStrange() ? 0 : after; // the client has no messages of this epoch
    }

    void delivered(long line, Observation.Deliver deliver) {
        if (deliver.isRedelivered()) return;
        if (!isJoined) {
            add(Kind.NON_MONOTONIC, "seq " + deliver.seq() + " arrived before the join_ack", joinLine, line);
        } else if (isFirstOfALaterLife(deliver)) {
            goOn(deliver);
        } else if (deliver.epoch() != epoch || (isCatchingUp && isStrange())) {
            add(Kind.GAP, "a message of epoch " + deliver.epoch() + " arrived without announcement", joinLine, line);
            goOn(deliver);
        } else if (deliver.seq() > position) {
            if (deliver.seq() > position + 1) jump(new Hole(position + 1, deliver.seq() - 1, line));
            position = deliver.seq();
        } else if (jumped.stream().anyMatch(hole -> hole.from <= deliver.seq() && deliver.seq() <= hole.to)) {
            add(Kind.NON_MONOTONIC, "seq " + deliver.seq() + " arrived after seq " + position, line);
        } else {
            add(Kind.DUPLICATE, "seq " + deliver.seq() + " arrived again, after seq " + position, joinLine, line);
        }
    }

    /**
     * Whether it is the first message of a room that was removed while empty and created again. A client that had
     * nothing of the earlier room has missed nothing.
     */
    private boolean isFirstOfALaterLife(Observation.Deliver deliver) {
        var isOther = deliver.epoch() > epoch || (isCatchingUp && isStrange());
        return isOther && deliver.seq() == 1 && position == 0 && (after == null || after == 0);
    }

    private void goOn(Observation.Deliver deliver) {
        epoch = deliver.epoch();
        position = deliver.seq();
        afterEpoch = null;
        standing = epoch;
    }

    void resync(long line, Observation.Resync resync) {
        switch (resync.outcome()) {
            case FULL -> closeHoles("the resync says full");
            case PARTIAL -> partial(line, resync);
            case UNRECOVERABLE -> unrecoverable(line);
        }
        if (resync.outcome() == Outcome.UNRECOVERABLE) {
            position = resync.to();
            afterEpoch = null;
        } else if (position < resync.to()) {
            add(Kind.GAP, "is only at seq " + position + ", the resync ends at seq " + resync.to(), joinLine, line);
            position = resync.to();
        }
        isCatchingUp = false;
        standing = epoch;
    }

    void disconnected() {
        closeHoles("the connection ended");
        isJoined = false;
        isCatchingUp = false;
    }

    void done(long line) {
        closeHoles("the connection ended");
        room.done(client, epoch, position, line);
    }

    private void jump(Hole hole) {
        jumped.add(hole);
        if (isCatchingUp) unannounced.add(hole);
        else
            gap(hole, "");
    }

    private void partial(long line, Observation.Resync resync) {
        unannounced.removeIf(hole -> {
            if (hole.to >= resync.from()) return false;
            room.hole(client, epoch, hole.from, hole.to, line);
            return true;
        });
        closeHoles("the resync announced only earlier messages as missing");
        if (position >= resync.from() - 1) return;
        room.hole(client, epoch, position + 1, resync.from() - 1, line);
        position = resync.from() - 1;
    }

    private void unrecoverable(long line) {
        unannounced.clear();
        if (after != null && !isStrange()) {
            add(Kind.FALSE_UNRECOVERABLE, "the resync says unrecoverable, but seq " + after + " is of the same epoch",
                    joinLine, line);
        }
    }

    /** Whether the room's epoch differs from the one in which the client counts. */
    private boolean isStrange() {
        return afterEpoch != null && afterEpoch != epoch;
    }

    private void closeHoles(String when) {
        unannounced.forEach(hole -> gap(hole, ", not announced: " + when));
        unannounced.clear();
    }

    private void gap(Hole hole, String why) {
        add(Kind.GAP, "seq " + hole.from + " to " + hole.to + " never arrived" + why, joinLine, hole.line);
    }

    private void add(Kind kind, String what, long... lines) {
        findings.add(kind, "room " + name + ", " + client + ": " + what, lines);
    }
}
