/** What an instance does to its tables beside storing and reading: old messages and those of erased users go. */
@NullMarked
package io.rejoin.history.upkeep;

import org.jspecify.annotations.NullMarked;
