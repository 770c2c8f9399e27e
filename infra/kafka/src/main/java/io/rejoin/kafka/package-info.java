/** How a service reaches its Kafka: where it is, by which settings of Kafka's clients, and under which names its topics stand there. */
@NullMarked
package io.rejoin.kafka;

import org.jspecify.annotations.NullMarked;
