/** What is done with a system, and which figures come of it. */
@NullMarked
package io.rejoin.bench.scenario;

import org.jspecify.annotations.NullMarked;
