/** The answers of the history service's replay API, and their codec. */
@NullMarked
package io.rejoin.contracts.replay;

import org.jspecify.annotations.NullMarked;
