/** The generator: a program of its own that plays thousands of members, posts at fixed times and checks what comes. */
@NullMarked
package io.rejoin.bench.load;

import org.jspecify.annotations.NullMarked;
