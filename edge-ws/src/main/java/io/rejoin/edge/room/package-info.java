/** The rooms of this edge: their local members, and the last frames of each room. */
@NullMarked
package io.rejoin.edge.room;

import org.jspecify.annotations.NullMarked;
