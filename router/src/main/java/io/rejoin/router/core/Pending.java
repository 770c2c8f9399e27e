package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that recipients must still confirm. The message's content is in history.
 *
 * @param offset     of the command record that posted the message
 * @param ts         its log time, in milliseconds since the epoch
 * @param withinMs   the message expires this many milliseconds after {@code ts}
 * @param connection the poster's connection, on {@code edge}: it receives the confirmations or the expiry
 * @param recipients users who have not acknowledged the message yet; sorted
 */
public record Pending(long offset, long ts, long withinMs, UserId poster, @Nullable String id, ConnectionId connection,
        EdgeRef edge, List<UserId> recipients) {
    public Pending {
        recipients = List.copyOf(recipients);
    }

    /** The log time at which the message expires, in milliseconds since the epoch. */
    public long expires() {
        return ts + withinMs;
    }

    Pending without(UserId user) {
        return new Pending(offset, ts, withinMs, poster, id, connection, edge,
                recipients.stream().filter(recipient -> !recipient.equals(user)).toList());
    }
}
