/** The way in: intents of clients, appended to the command log. */
@NullMarked
package io.rejoin.edge.command;

import org.jspecify.annotations.NullMarked;
