/** Handles what routers send, and delivers it to the local members of each room. */
@NullMarked
package io.rejoin.edge.fanout;

import org.jspecify.annotations.NullMarked;
