package io.rejoin.edge.auth;

import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection is.
 *
 * @param expiresMs when the token expires, in milliseconds since the epoch; the connection ends then
 */
public record Principal(UserId user, Grants grants, @Nullable Long expiresMs) {}
