/** The edge's side of the streams from routers: finds the routers and keeps one connection to each of them. */
@NullMarked
package io.rejoin.edge.link;

import org.jspecify.annotations.NullMarked;
