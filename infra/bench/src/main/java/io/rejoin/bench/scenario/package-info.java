/** The scenarios: what is done with a system, and which figures result. */
@NullMarked
package io.rejoin.bench.scenario;

import org.jspecify.annotations.NullMarked;
