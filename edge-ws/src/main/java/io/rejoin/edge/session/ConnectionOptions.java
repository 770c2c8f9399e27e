package io.rejoin.edge.session;

import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.listener.http.RequestRefused;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the URL of a connection asks for: {@code /ws/{room}?after=7&epoch=1}, {@code /?room=lobby&last=20},
 * {@code /ws?direct=off&presence=diff}.
 *
 * @param join          null if the URL names no room
 * @param direct        whether the connection automatically joins its user's personal room; a client switches this off
 *                      to join that room from a position of its own
 * @param presenceDiffs whether the client accepts one frame for several joins and leaves
 */
record ConnectionOptions(ClientFrame.@Nullable Join join, boolean direct, boolean presenceDiffs) {
    private static final String ROOM_PATH = "/ws/";

    static ConnectionOptions of(UpgradeRequest request) throws RequestRefused {
        return new ConnectionOptions(join(request), isFirstOf(request, "direct", "on", "off"),
                !isFirstOf(request, "presence", "each", "diff"));
    }

    private static ClientFrame.@Nullable Join join(UpgradeRequest request) throws RequestRefused {
        var room = room(request);
        if (room == null) return null;
        return new ClientFrame.Join(room, null, after(request), number(request, "epoch"));
    }

    /** Whether a parameter has the first of two values, which is also its default. */
    private static boolean isFirstOf(UpgradeRequest request, String name, String first, String second)
            throws RequestRefused {
        var value = Objects.requireNonNullElse(request.query(name), first);
        if (!value.equals(first) && !value.equals(second))
            throw new RequestRefused(RefusalCode.BAD_REQUEST, name + " must be " + first + " or " + second);
        return value.equals(first);
    }

    private static @Nullable String room(UpgradeRequest request) throws RequestRefused {
        var path = request.path();
        var inQuery = request.query("room");
        if (path.equals("/") || path.equals("/ws")) return inQuery;
        if (!path.startsWith(ROOM_PATH))
            throw new RequestRefused(RefusalCode.NOT_FOUND, "connect to /, /ws or /ws/{room}");
        var inPath = path.substring(ROOM_PATH.length());
        if (inQuery != null && !inQuery.equals(inPath))
            throw new RequestRefused(RefusalCode.INVALID_ROOM, "the URL names two rooms, one in its path and another in"
                    + " its query: name one, and join the other with a join frame");
        return inPath;
    }

    private static @Nullable After after(UpgradeRequest request) throws RequestRefused {
        var after = request.query("after");
        var last = number(request, "last");
        if (after != null && last != null)
            throw new RequestRefused(RefusalCode.BAD_REQUEST, "give after or last, not both");
        if ("cursor".equals(after)) return new After.Cursor();
        var seq = number(request, "after");
        if (last != null) return new After.Last((int) Math.min(last, FrameCodec.MAX_LAST));
        return seq == null ? null : new After.Seq(seq);
    }

    private static @Nullable Long number(UpgradeRequest request, String name) throws RequestRefused {
        var text = request.query(name);
        if (text == null) return null;
        try {
            var number = Long.parseLong(text);
            if (number >= 0) return number;
        } catch (NumberFormatException _) {
            // refused below
        }
        throw new RequestRefused(RefusalCode.BAD_REQUEST, name + " must be a whole number from 0 on");
    }
}
