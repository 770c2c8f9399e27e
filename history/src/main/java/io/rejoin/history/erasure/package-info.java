/** Erases users whom somebody asked to erase: a loop beside the ingest. */
@NullMarked
package io.rejoin.history.erasure;

import org.jspecify.annotations.NullMarked;
