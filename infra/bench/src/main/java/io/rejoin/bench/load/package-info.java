/**
 * The load generator: a separate program that acts as thousands of members. It posts at fixed times and checks all
 * messages that arrive.
 */
@NullMarked
package io.rejoin.bench.load;

import org.jspecify.annotations.NullMarked;
