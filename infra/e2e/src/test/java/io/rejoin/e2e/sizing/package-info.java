/**
 * Measures the cost of one unit of work for each service: {@code infra/sizing}. Other code draws conclusions from these
 * costs.
 */
@NullMarked
package io.rejoin.e2e.sizing;

import org.jspecify.annotations.NullMarked;
