/** Measures what one unit of work costs each service: {@code infra/sizing}. What follows from that is no concern of it. */
@NullMarked
package io.rejoin.e2e.sizing;

import org.jspecify.annotations.NullMarked;
