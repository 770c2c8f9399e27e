/** The sessions of clients: what their frames ask for, which rooms they are in, and their heartbeats. */
@NullMarked
package io.rejoin.edge.session;

import org.jspecify.annotations.NullMarked;
