/** What all services share to start, to end and to log: they read their environment, close what they opened, and bound repeated lines. */
@NullMarked
package io.rejoin.contracts.env;

import org.jspecify.annotations.NullMarked;
