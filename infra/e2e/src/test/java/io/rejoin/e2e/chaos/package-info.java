/** Faults on real processes and networks, on a schedule drawn from a seed, while clients chat; and what came of it. */
@NullMarked
package io.rejoin.e2e.chaos;

import org.jspecify.annotations.NullMarked;
