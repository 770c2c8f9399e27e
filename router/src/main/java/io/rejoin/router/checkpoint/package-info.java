/** Saves the state of a shard in Kafka, and reads it back. */
@NullMarked
package io.rejoin.router.checkpoint;

import org.jspecify.annotations.NullMarked;
