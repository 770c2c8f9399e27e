package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.UserId;

/** A connection in a room: whose it is, and the edge it is reached by. */
public record Member(UserId user, EdgeRef edge) {}
