/** Chaos tests: inject faults into real processes and networks, on a schedule drawn from a seed, while clients post. */
@NullMarked
package io.rejoin.e2e.chaos;

import org.jspecify.annotations.NullMarked;
