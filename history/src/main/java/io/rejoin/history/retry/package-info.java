/** How long to wait before trying again. */
@NullMarked
package io.rejoin.history.retry;

import org.jspecify.annotations.NullMarked;
