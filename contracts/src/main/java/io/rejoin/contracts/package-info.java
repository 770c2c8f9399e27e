/** What two sides agree on: identifiers, topics and the partitioning rule. */
@NullMarked
package io.rejoin.contracts;

import org.jspecify.annotations.NullMarked;
