package io.rejoin.e2e.load;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How readers and writers show who they are.
 *
 * @param query         of the URL that a user connects to, by the user's name
 * @param historySecret what history asks for; null for nothing
 */
public record Credentials(UnaryOperator<String> query, @Nullable String historySecret) {
    /** Edges that believe everybody, as with {@code EDGE_AUTH=dev}, and a history that is open. */
    public static final Credentials NAMES = new Credentials(user -> "name=" + user, null);
}
