/** The long memory: SQL in constants, JDBC by hand. Knows neither Kafka nor HTTP. */
@NullMarked
package io.rejoin.history.store;

import org.jspecify.annotations.NullMarked;
