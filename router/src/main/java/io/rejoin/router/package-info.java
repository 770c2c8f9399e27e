/** The router: turns the command log into events and deliveries, shard by shard. */
@NullMarked
package io.rejoin.router;

import org.jspecify.annotations.NullMarked;
