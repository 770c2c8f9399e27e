/** A Kafka broker and a PostgreSQL server as child processes that never outlive this one: for development and for tests. */
@NullMarked
package io.rejoin.embedded;

import org.jspecify.annotations.NullMarked;
