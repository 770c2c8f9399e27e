/** The HTTP API for edges and operators, on the internal network. */
@NullMarked
package io.rejoin.history.api;

import org.jspecify.annotations.NullMarked;
