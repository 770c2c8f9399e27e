/** Shows other processes that this edge lives: its heartbeats, and its present incarnation. */
@NullMarked
package io.rejoin.edge.liveness;

import org.jspecify.annotations.NullMarked;
