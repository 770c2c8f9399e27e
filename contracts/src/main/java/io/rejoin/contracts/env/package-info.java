/**
 * Code that all services share to start, to stop and to log: settings from the environment, closing of resources, and
 * limits for repeated log lines.
 */
@NullMarked
package io.rejoin.contracts.env;

import org.jspecify.annotations.NullMarked;
