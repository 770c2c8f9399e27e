/** Runs a shard: takes it over, processes its commands, sends the outputs, and writes checkpoints. */
@NullMarked
package io.rejoin.router.shard;

import org.jspecify.annotations.NullMarked;
