/** How what a shard decides gets to the edges: at once, over a stream that each edge holds to each router. */
@NullMarked
package io.rejoin.router.link;

import org.jspecify.annotations.NullMarked;
