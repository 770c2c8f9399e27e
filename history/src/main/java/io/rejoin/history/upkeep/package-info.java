/** Background work on the tables: deletes expired messages, and erases messages of erased users. */
@NullMarked
package io.rejoin.history.upkeep;

import org.jspecify.annotations.NullMarked;
