package io.rejoin.edge.session;

import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.edge.fanout.EdgeIdentity;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What clients say, and how far they have listened: messages and acknowledgements, on their way into the log. */
public final class Posts {
    private static final String FULL = "this server has more to do than it can; nothing was done";

    private static final String UNKNOWN_ACK = "it is not known whether this was acknowledged; acknowledge it again";

    private final Commands commands;
    private final EdgeIdentity identity;
    private final long confirmWithinMs;

    /** @param confirmWithin how long a message that must be confirmed is delivered again */
    public Posts(Commands commands, EdgeIdentity identity, Duration confirmWithin) {
        this.commands = commands;
        this.identity = identity;
        this.confirmWithinMs = confirmWithin.toMillis();
    }

    /** @param length of the frame's text */
    void post(Session session, ClientFrame.Message message, int length) {
        var room = Targets.ofMessage(session, message);
        if (room == null) return;
        if (!session.posts().begin(room.name(), message.id())) {
            session.fail(message.id(), room.name(), ErrorCode.UNAVAILABLE,
                    "this server is going away: reconnect and post again; the message was not posted");
            return;
        }
        var within = message.confirm() || room.isPersonal() ? confirmWithinMs : null;
        append(session, message.id(), Owed.COMMAND_BYTES + length, new Command.Post(room, session.user(), session.id(),
                identity.current(), FrameId.loggedOrNull(message.id()), message.content(), within,
                message.id() == null ? null : ContentDigest.of(message.content())),
                message.id() == null
                        ? "it is not known whether the message was posted; give messages an id to repeat them safely"
                        : "it is not known whether the message was posted; post it again under the same id");
    }

    void acknowledge(Session session, ClientFrame.Ack ack) {
        var room = Targets.joined(session, ack.room(), ack.id());
        if (room == null) return;
        if (ack.id() == null) {
            append(session, null, Owed.COMMAND_BYTES, command(session, room, ack, null), UNKNOWN_ACK);
            return;
        }
        var request = session.nextRequest();
        var taken = session.atomically(() -> session.ask(request, room, ack.id())
                && commands.append(command(session, room, ack, request), Owed.COMMAND_BYTES, failure -> {
                    if (failure != null && session.withdraw(request))
                        session.fail(ack.id(), room.name(), ErrorCode.TIMEOUT, UNKNOWN_ACK);
                }));
        if (taken) return;
        session.withdraw(request);
        session.fail(ack.id(), room.name(), ErrorCode.OVERLOADED, FULL);
    }

    private Command.Acknowledge command(Session session, RoomId room, ClientFrame.Ack ack, @Nullable Long request) {
        return new Command.Acknowledge(room, session.user(), session.id(), identity.current(), ack.epoch(), ack.seq(),
                request);
    }

    private void append(Session session, @Nullable FrameId frameId, int bytes, Command.OfRoom command, String unknown) {
        RoomId room = command.room();
        var taken = commands.append(command, bytes, failure -> {
            if (failure != null) session.fail(frameId, room.name(), ErrorCode.TIMEOUT, unknown);
        });
        if (!taken) session.fail(frameId, room.name(), ErrorCode.OVERLOADED, FULL);
    }
}
