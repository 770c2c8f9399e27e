/** The measured systems: their servers run in processes of their own, whose resource usage is read. */
@NullMarked
package io.rejoin.bench.system;

import org.jspecify.annotations.NullMarked;
