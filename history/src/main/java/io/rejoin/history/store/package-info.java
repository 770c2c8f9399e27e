/** The store of messages: SQL in constants, plain JDBC. It depends neither on Kafka nor on HTTP. */
@NullMarked
package io.rejoin.history.store;

import org.jspecify.annotations.NullMarked;
