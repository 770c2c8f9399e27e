/** Fan-out: sends the deliveries of routers to the local members of each room, live or caught up from history. */
@NullMarked
package io.rejoin.edge.fanout;

import org.jspecify.annotations.NullMarked;
