/** Gets partitions from the consumer group, and reads their commands for the shards. */
@NullMarked
package io.rejoin.router.partition;

import org.jspecify.annotations.NullMarked;
