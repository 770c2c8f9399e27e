/** All of Rejoin in one process, with its own broker and database, for trying and for development. */
@NullMarked
package io.rejoin.standalone;

import org.jspecify.annotations.NullMarked;
