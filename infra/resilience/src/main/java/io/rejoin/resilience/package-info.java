/** How services behave when something that they need fails: the delay of retries, and the health of dependencies. */
@NullMarked
package io.rejoin.resilience;

import org.jspecify.annotations.NullMarked;
