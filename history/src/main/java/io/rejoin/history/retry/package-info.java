/** Delays between retries. */
@NullMarked
package io.rejoin.history.retry;

import org.jspecify.annotations.NullMarked;
