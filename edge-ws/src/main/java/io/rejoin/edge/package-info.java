/** The edge: holds WebSockets, appends what clients intend, pushes what routers decide. */
@NullMarked
package io.rejoin.edge;

import org.jspecify.annotations.NullMarked;
