package io.rejoin.e2e.load;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Credentials of clients.
 *
 * @param query         gives the query of a user's URL, by the user's name
 * @param historySecret that history requires; null for none
 */
public record Credentials(UnaryOperator<String> query, @Nullable String historySecret) {
    /** For edges with {@code EDGE_AUTH=dev}, which accept any name, and a history service without a secret. */
    public static final Credentials NAMES = new Credentials(user -> "name=" + user, null);
}
