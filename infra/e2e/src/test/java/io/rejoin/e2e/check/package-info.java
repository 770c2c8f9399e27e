/**
 * What clients saw in a run under faults, and whether it keeps the promises. A {@link io.rejoin.e2e.check.Recorder} writes
 * {@link io.rejoin.e2e.check.Observation}s, one JSON object per line; a {@link io.rejoin.e2e.check.Checker} reads them and
 * trusts nothing else: it knows neither the services nor the clients.
 */
@NullMarked
package io.rejoin.e2e.check;

import org.jspecify.annotations.NullMarked;
