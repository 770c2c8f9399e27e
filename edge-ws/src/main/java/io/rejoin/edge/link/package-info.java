/** The edge's ends of the streams from routers: which routers there are, and one connection to each of them. */
@NullMarked
package io.rejoin.edge.link;

import org.jspecify.annotations.NullMarked;
