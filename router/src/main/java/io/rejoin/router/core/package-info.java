/** The shard's state machine: turns commands into outputs. Pure: it uses no Kafka, no clock and no randomness. */
@NullMarked
package io.rejoin.router.core;

import org.jspecify.annotations.NullMarked;
