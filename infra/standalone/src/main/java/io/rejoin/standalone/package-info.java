/** All of Rejoin in one process, with its own broker and database: the way to try it and to develop on it. */
@NullMarked
package io.rejoin.standalone;

import org.jspecify.annotations.NullMarked;
