package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a message that has to be confirmed. The message itself is in history.
 *
 * @param offset     of the command record that posted it
 * @param ts         its log time, in milliseconds since the epoch
 * @param withinMs   it expires that much later
 * @param connection that posted it, behind {@code edge}: is told what becomes of it
 * @param recipients who have not acknowledged it yet; sorted
 */
public record Pending(long offset, long ts, long withinMs, UserId poster, @Nullable String id, ConnectionId connection,
        EdgeRef edge, List<UserId> recipients) {
    public Pending {
        recipients = List.copyOf(recipients);
    }

    /** The log time, in milliseconds since the epoch, at which it is confirmed no more. */
    public long expires() {
        return ts + withinMs;
    }

    Pending without(UserId user) {
        return new Pending(offset, ts, withinMs, poster, id, connection, edge,
                recipients.stream().filter(recipient -> !recipient.equals(user)).toList());
    }
}
