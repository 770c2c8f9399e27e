/**
 * The program of {@code infra/bench/run}: runs comparable systems in turn under the same load, and reports what each
 * used.
 */
@NullMarked
package io.rejoin.bench;

import org.jspecify.annotations.NullMarked;
