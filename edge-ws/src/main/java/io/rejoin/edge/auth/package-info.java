/** The identity and the rights of a connection, decided before the upgrade. */
@NullMarked
package io.rejoin.edge.auth;

import org.jspecify.annotations.NullMarked;
