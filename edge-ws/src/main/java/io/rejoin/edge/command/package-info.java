/** Appends the commands of clients and of the edge itself to the command log. */
@NullMarked
package io.rejoin.edge.command;

import org.jspecify.annotations.NullMarked;
