/** Clients in numbers: a workload whose every observation is recorded, a swarm that comes back all at once, final reads. */
@NullMarked
package io.rejoin.e2e.load;

import org.jspecify.annotations.NullMarked;
