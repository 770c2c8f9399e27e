/** Reports of the measurements: a table and a picture for people, JSON for programs. */
@NullMarked
package io.rejoin.bench.report;

import org.jspecify.annotations.NullMarked;
