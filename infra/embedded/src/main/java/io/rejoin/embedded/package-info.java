/** A Kafka broker and a PostgreSQL server as child processes that end with this process, for development and tests. */
@NullMarked
package io.rejoin.embedded;

import org.jspecify.annotations.NullMarked;
