/**
 * Runs the core of all services in one thread, driven by a seed. The services' own logic runs between models of Kafka,
 * PostgreSQL and sockets.
 */
@NullMarked
package io.rejoin.simulation;

import org.jspecify.annotations.NullMarked;
