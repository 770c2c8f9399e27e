/** How large an installation has to be: what one unit of work costs, as data, and what follows from that. Pure calculation. */
@NullMarked
package io.rejoin.tools.sizing;

import org.jspecify.annotations.NullMarked;
