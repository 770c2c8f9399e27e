/** The answers of the history service's replay API. */
@NullMarked
package io.rejoin.contracts.replay;

import org.jspecify.annotations.NullMarked;
