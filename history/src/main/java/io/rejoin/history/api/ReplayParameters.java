package io.rejoin.history.api;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.PageRequest.Range;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Target;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Parses the query parameters of the replay API. Unknown parameters are ignored. */
final class ReplayParameters {
    /** The longest wait that a client may ask for. */
    static final Duration MAX_WAIT = Duration.ofSeconds(30);

    private static final int DEFAULT_LIMIT = 100;
    /** Greater than any seq. Adding a page length to it does not overflow. */
    private static final long MAX_SEQ = Long.MAX_VALUE - ReplayCodec.MAX_PAGE - 1;

    private final Target target;

    private ReplayParameters(Target target) {
        this.target = target;
    }

    static ReplayQuery parse(Target target) throws BadParameterException {
        return new ReplayParameters(target).parse();
    }

    private ReplayQuery parse() throws BadParameterException {
        var room = room();
        var epoch = number("epoch", 1, Long.MAX_VALUE);
        var limit = number("limit", 1, ReplayCodec.MAX_PAGE);
        var size = limit == null ? DEFAULT_LIMIT : limit.intValue();
        var waitMillis = number("wait_ms", 0, MAX_WAIT.toMillis());
        if (waitMillis != null && value("to") == null) {
            throw new BadParameterException("wait_ms needs \"to\", the seq to wait for");
        }
        return new ReplayQuery(new PageRequest(room, epoch, range(), size),
                Duration.ofMillis(waitMillis == null ? 0 : waitMillis));
    }

    private RoomId room() throws BadParameterException {
        var key = value("room");
        if (key == null) throw new BadParameterException("room is missing; it must be a room's key, tenant/name");
        try {
            return RoomId.of(key);
        } catch (IllegalArgumentException e) {
            throw new BadParameterException("room must be a room's key, tenant/name: " + e.getMessage());
        }
    }

    private Range range() throws BadParameterException {
        var after = number("after", 0, MAX_SEQ);
        var to = number("to", 0, MAX_SEQ);
        var before = number("before", 0, MAX_SEQ);
        if (before != null && (after != null || to != null)) {
            throw new BadParameterException("before cannot be combined with \"after\" or \"to\"");
        }
        if (after == null && to == null) return new Range.Backward(before == null ? MAX_SEQ : before);
        return new Range.Forward(after == null ? 0 : after, to == null ? MAX_SEQ : to);
    }

    private @Nullable Long number(String name, long min, long max) throws BadParameterException {
        var text = value(name);
        if (text == null) return null;
        try {
            var number = Long.parseLong(text);
            if (number >= min && number <= max) return number;
        } catch (NumberFormatException _) { // reported below
        }
        throw new BadParameterException(
                name + " must be a whole number from " + min + (max >= MAX_SEQ ? "" : " to " + max));
    }

    private @Nullable String value(String name) throws BadParameterException {
        try {
            return target.parameter(name);
        } catch (RequestRefused e) {
            throw new BadParameterException(Objects.requireNonNull(e.getMessage()));
        }
    }
}
