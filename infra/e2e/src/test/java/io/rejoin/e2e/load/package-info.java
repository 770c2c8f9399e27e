/**
 * Many clients: a workload whose observations are recorded, a swarm that reconnects all at once, and the final reads.
 */
@NullMarked
package io.rejoin.e2e.load;

import org.jspecify.annotations.NullMarked;
