/**
 * The ingest: one loop reads {@code rejoin.events} into the store. Its positions are in the same database as the rows.
 */
@NullMarked
package io.rejoin.history.ingest;

import org.jspecify.annotations.NullMarked;
