/** Runs the shards on Kafka: reads commands, sends outputs, writes checkpoints, watches edges and other routers. */
@NullMarked
package io.rejoin.router.kafka;

import org.jspecify.annotations.NullMarked;
