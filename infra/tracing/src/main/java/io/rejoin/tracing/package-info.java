/** Traces of posts, from the client's frame to the last socket and into history, by OpenTelemetry. Off unless an operator wants them. */
@NullMarked
package io.rejoin.tracing;

import org.jspecify.annotations.NullMarked;
