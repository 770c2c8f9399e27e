/** What was measured, for people and for programs. */
@NullMarked
package io.rejoin.bench.report;

import org.jspecify.annotations.NullMarked;
