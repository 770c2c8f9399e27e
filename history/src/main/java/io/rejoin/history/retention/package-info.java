/** Deletes what was kept long enough: a loop beside the ingest, which shares nothing with it but the database. */
@NullMarked
package io.rejoin.history.retention;

import org.jspecify.annotations.NullMarked;
