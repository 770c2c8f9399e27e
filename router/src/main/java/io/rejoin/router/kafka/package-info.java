/** The clients of Kafka that a router uses, and how much they may have in flight. */
@NullMarked
package io.rejoin.router.kafka;

import org.jspecify.annotations.NullMarked;
