/** A router's HTTP server and its health checks. */
@NullMarked
package io.rejoin.router.ops;

import org.jspecify.annotations.NullMarked;
