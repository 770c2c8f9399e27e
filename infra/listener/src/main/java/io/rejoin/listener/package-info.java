/** The HTTP listener of all services: it outlives what goes wrong when accepting, and no connection stays half made. */
@NullMarked
package io.rejoin.listener;

import org.jspecify.annotations.NullMarked;
