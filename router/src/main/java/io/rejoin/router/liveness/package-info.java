/** Notices edges and other routers that are silent. */
@NullMarked
package io.rejoin.router.liveness;

import org.jspecify.annotations.NullMarked;
