/**
 * The link: one stream from each router to each edge. A router pushes deliveries over it as soon as a shard has decided
 * them. The link guarantees only the order. An edge that missed deliveries learns that at the start of the next stream.
 */
@NullMarked
package io.rejoin.link;

import org.jspecify.annotations.NullMarked;
