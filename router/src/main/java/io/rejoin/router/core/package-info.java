/** What a shard makes of its commands: pure, without Kafka, clock or chance. */
@NullMarked
package io.rejoin.router.core;

import org.jspecify.annotations.NullMarked;
