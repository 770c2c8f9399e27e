package io.rejoin.edge.session;

import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.tracing.Step;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Appends the messages and acknowledgements of clients to the command log. */
public final class Posts {
    static final String UNKNOWN = "it is not known whether the message was posted; post it again under the same id";

    private static final String UNKNOWN_WITHOUT_ID = "it is not known whether the message was posted;"
            + " give messages an id to repeat them safely";

    private static final String UNKNOWN_ACK = "it is not known whether the acknowledgement was stored; send it again";

    private final Commands commands;
    private final EdgeIdentity identity;
    private final long confirmWithinMs;
    private final Tracing tracing;

    /** @param confirmWithin for how long a message that must be confirmed is delivered again */
    public Posts(Commands commands, EdgeIdentity identity, Duration confirmWithin, Tracing tracing) {
        this.commands = commands;
        this.identity = identity;
        this.confirmWithinMs = confirmWithin.toMillis();
        this.tracing = tracing;
    }

    /**
     * Handles a message frame.
     *
     * @param length of the frame's text, in characters
     */
    void post(Session session, ClientFrame.Message message, int length) {
        var room = RoomAccess.roomOfMessage(session, message);
        if (room == null) return;
        switch (session.posts().begin(room, message.id(), System.nanoTime())) {
            case ACCEPTED -> append(session, room, message, length);
            case TOO_MANY -> session.fail(message.id(), room.name(), ErrorCode.OVERLOADED,
                    OpenPosts.MAX + " posts of this connection are not answered yet; this one was not posted");
            case CLOSED -> session.fail(message.id(), room.name(), ErrorCode.UNAVAILABLE,
                    "this connection ends: reconnect and post again; the message was not posted");
        }
    }

    private void append(Session session, RoomId room, ClientFrame.Message message, int length) {
        var id = message.id();
        var step = step(room, length);
        var isQueued = commands.append(command(session, room, message), PendingCommands.COMMAND_BYTES + length, step,
                failure -> {
                    step.end(failure);
                    if (failure != null)
                        session.failPost(room, id, ErrorCode.TIMEOUT, id == null ? UNKNOWN_WITHOUT_ID : UNKNOWN);
                });
        if (isQueued) session.meters().countPost();
        else {
            step.fail("the queue of commands is full");
            session.failPost(room, id, ErrorCode.OVERLOADED, Session.QUEUE_FULL);
        }
    }

    /** A trace step that lasts from the frame until the post is durable. */
    private Step step(RoomId room, int length) {
        var step = tracing.begin("post");
        if (step.isTraced()) step.note("rejoin.room", room.key()).note("rejoin.characters", length);
        return step;
    }

    private Command.Post command(Session session, RoomId room, ClientFrame.Message message) {
        var confirmMs = message.confirm() || room.isPersonal() ? confirmWithinMs : null;
        var digest = message.id() == null ? null : ContentDigest.of(message.content());
        return new Command.Post(room, session.user(), session.id(), identity.current(),
                FrameId.loggedOrNull(message.id()), message.content(), confirmMs, digest);
    }

    void acknowledge(Session session, ClientFrame.Ack ack) {
        var room = RoomAccess.joinedRoom(session, ack.room(), ack.id());
        if (room == null) return;
        if (ack.id() == null) {
            acknowledge(session, room, ack);
            return;
        }
        var request = session.nextRequest();
        session.sendRequest(request, room, ack.id(), () -> commands.append(command(session, room, ack, request),
                PendingCommands.COMMAND_BYTES, failure -> {
                    if (failure != null && session.cancelRequest(request))
                        session.fail(ack.id(), room.name(), ErrorCode.TIMEOUT, UNKNOWN_ACK);
                }));
    }

    private Command.Acknowledge command(Session session, RoomId room, ClientFrame.Ack ack, @Nullable Long request) {
        return new Command.Acknowledge(room, session.user(), session.id(), identity.current(), ack.epoch(), ack.seq(),
                request);
    }

    private void acknowledge(Session session, RoomId room, ClientFrame.Ack ack) {
        var isQueued = commands.append(command(session, room, ack, null), PendingCommands.COMMAND_BYTES, failure -> {
            if (failure != null) session.fail(null, room.name(), ErrorCode.TIMEOUT, UNKNOWN_ACK);
        });
        if (!isQueued) session.fail(null, room.name(), ErrorCode.OVERLOADED, Session.QUEUE_FULL);
    }
}
