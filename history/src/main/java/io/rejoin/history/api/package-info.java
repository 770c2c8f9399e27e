/** Reads over HTTP, for the edges, on the internal network. */
@NullMarked
package io.rejoin.history.api;

import org.jspecify.annotations.NullMarked;
