/** The records of the Kafka topics: commands, events, deliveries, heartbeats, and their codecs. */
@NullMarked
package io.rejoin.contracts.log;

import org.jspecify.annotations.NullMarked;
