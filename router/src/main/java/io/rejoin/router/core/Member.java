package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.UserId;

/** A connection in a room: its user, and the edge that the client is connected to. */
public record Member(UserId user, EdgeRef edge) {}
