/**
 * The Kafka broker and the PostgreSQL server that tests use: containers where a Docker engine answers, else child
 * processes.
 */
@NullMarked
package io.rejoin.servers;

import org.jspecify.annotations.NullMarked;
