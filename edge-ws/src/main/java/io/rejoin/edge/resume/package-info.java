/** Brings members that are behind up to date: reads missed messages from history, and replays them. */
@NullMarked
package io.rejoin.edge.resume;

import org.jspecify.annotations.NullMarked;
