/** The program of {@code infra/bench/run}: systems that do the same under the same load, in turn, and what each took. */
@NullMarked
package io.rejoin.bench;

import org.jspecify.annotations.NullMarked;
