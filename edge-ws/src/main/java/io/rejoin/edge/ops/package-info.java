/** What operators see of an edge. */
@NullMarked
package io.rejoin.edge.ops;

import org.jspecify.annotations.NullMarked;
