/**
 * Access of a service to its Kafka: the brokers, the settings of Kafka's clients, the names of the topics, and the
 * required rights.
 */
@NullMarked
package io.rejoin.kafka;

import org.jspecify.annotations.NullMarked;
