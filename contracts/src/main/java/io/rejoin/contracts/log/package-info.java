/**
 * The records of the Kafka topics and the batches on the link: commands, events, deliveries, heartbeats; and their
 * codecs.
 */
@NullMarked
package io.rejoin.contracts.log;

import org.jspecify.annotations.NullMarked;
