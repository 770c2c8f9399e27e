/** One connection's meaning: what its frames ask for, which rooms it is in, its sign of life. */
@NullMarked
package io.rejoin.edge.session;

import org.jspecify.annotations.NullMarked;
