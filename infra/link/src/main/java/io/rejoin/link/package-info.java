/**
 * The link: one stream from each router to each edge, over which deliveries are pushed as soon as a shard has decided them. It
 * promises order, and nothing else: an edge that missed something learns that where the next stream begins.
 */
@NullMarked
package io.rejoin.link;

import org.jspecify.annotations.NullMarked;
