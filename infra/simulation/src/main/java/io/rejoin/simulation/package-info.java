/** The whole core in one thread under a seed: the services' own logic between models of Kafka, PostgreSQL and sockets. */
@NullMarked
package io.rejoin.simulation;

import org.jspecify.annotations.NullMarked;
