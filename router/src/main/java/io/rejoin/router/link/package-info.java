/** Sends a shard's deliveries to the edges, over the stream that each edge keeps open to each router. */
@NullMarked
package io.rejoin.router.link;

import org.jspecify.annotations.NullMarked;
