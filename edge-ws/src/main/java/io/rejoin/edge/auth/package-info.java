/** Who a connection is and what it may do, decided before the upgrade. */
@NullMarked
package io.rejoin.edge.auth;

import org.jspecify.annotations.NullMarked;
