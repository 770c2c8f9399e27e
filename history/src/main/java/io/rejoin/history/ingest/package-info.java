/** From {@code rejoin.events} to the store: one loop, whose position lies beside the rows it wrote. */
@NullMarked
package io.rejoin.history.ingest;

import org.jspecify.annotations.NullMarked;
