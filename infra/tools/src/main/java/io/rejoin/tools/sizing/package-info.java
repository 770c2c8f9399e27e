/**
 * Calculates how large an installation has to be, from the unit costs in a data file. Pure calculation, without I/O to
 * services.
 */
@NullMarked
package io.rejoin.tools.sizing;

import org.jspecify.annotations.NullMarked;
