/**
 * The history of a run under faults, and the checker of the promises. A {@link io.rejoin.e2e.check.Recorder} writes
 * {@link io.rejoin.e2e.check.Observation}s, one JSON object on each line. A {@link io.rejoin.e2e.check.Checker} reads
 * these lines and nothing else: it knows neither the services nor the clients.
 */
@NullMarked
package io.rejoin.e2e.check;

import org.jspecify.annotations.NullMarked;
