/**
 * Contracts that several services share: identifiers, message content, names of topics, and the partition of a room.
 */
@NullMarked
package io.rejoin.contracts;

import org.jspecify.annotations.NullMarked;
