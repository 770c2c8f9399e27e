/** The edge: holds WebSockets, appends the commands of clients, and sends them the deliveries of routers. */
@NullMarked
package io.rejoin.edge;

import org.jspecify.annotations.NullMarked;
