/** The history service: reads {@code rejoin.events}, keeps every message in PostgreSQL, and serves replay. */
@NullMarked
package io.rejoin.history;

import org.jspecify.annotations.NullMarked;
